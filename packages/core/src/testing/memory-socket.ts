/**
 * A socket of no system: two of them are connected through the loop, so what travels between them takes time by the loop's clock, and
 * steps of the loop, and is the same in every run with the same seed.
 *
 * It has what StreamReader and StreamWriter use of Node's `Socket`, and behaves alike: both directions end on their own; bytes that
 * the peer does not take pile up on the side of the sender; what arrives at a closed end resets the connection.
 *
 * | state   | is true                                        | next            | moved by                        |
 * |---------|------------------------------------------------|-----------------|---------------------------------|
 * | open    | takes bytes, and what travels arrives          | ended, closed   | `end`, `destroy`                |
 * | ended   | takes no more; what it took is still delivered | closed          | its last byte, where it closes; the end of the peer |
 * | closed  | emitted 'close'; what arrives is answered by a reset | –         | `destroy`, a reset              |
 */
import { EventEmitter } from 'node:events'
import type { Scheduler } from '../loop/scheduler.ts'
import { Timer } from '../loop/timer.ts'
import type { InternetAddress } from '../node/address.ts'
import type { Link } from './memory-link.ts'

/** As Node's sockets. */
const HIGH_WATER_MARK = 64 * 1024

/** What travels: bytes, or the end. */
interface Parcel {
  readonly bytes: Buffer | null
  readonly due: number
}

export class MemorySocket extends EventEmitter {
  destroyed = false
  closed = false
  readableFlowing = true
  writableLength = 0
  writableNeedDrain = false
  readonly #loop: Scheduler
  readonly #link: Link
  readonly #here: InternetAddress
  readonly #outgoing: Parcel[] = []
  #peer!: MemorySocket
  /** Brings the first parcel, where that is not held back by the peer. */
  #delivery: Timer | null = null
  #isPaused = false
  #hasEnded = false
  #isEndDelivered = false
  #hasPeerEnded = false
  #isToClose = false
  #lastDue = 0

  constructor(loop: Scheduler, link: Link, here: InternetAddress) {
    super()
    this.#loop = loop
    this.#link = link
    this.#here = here
  }

  static connect(a: MemorySocket, b: MemorySocket): void {
    a.#peer = b
    b.#peer = a
  }

  address(): InternetAddress {
    return this.#here
  }

  get remoteAddress(): string {
    return this.#peer.#here.address
  }

  get remotePort(): number {
    return this.#peer.#here.port
  }

  get remoteFamily(): string {
    return this.#peer.#here.family
  }

  // ---------------------------------------------------------------- writing

  write(data: string | Uint8Array): boolean {
    if (this.destroyed || this.#hasEnded) return false
    const bytes = Buffer.from(data as Uint8Array)
    if (bytes.length > 0) this.#send(bytes)
    this.writableLength += bytes.length
    if (this.writableLength >= HIGH_WATER_MARK) this.writableNeedDrain = true
    return !this.writableNeedDrain
  }

  /** Parcels are as large as the link has them, however they were written. */
  cork(): void {}
  uncork(): void {}

  end(): void {
    if (this.destroyed || this.#hasEnded) return
    this.#hasEnded = true
    this.#send(null)
  }

  destroySoon(): void {
    this.#isToClose = true
    this.end()
    if (this.#isEndDelivered) this.destroy()
  }

  destroy(error?: Error): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#delivery?.cancel()
    this.#delivery = null
    this.#outgoing.length = 0
    this.writableLength = 0
    if (!this.#isEndDelivered && error === undefined) this.#send(null)
    Timer.soon(this.#loop, () => {
      if (error !== undefined) this.emit('error', error)
      this.closed = true
      this.emit('close')
    })
  }

  // ---------------------------------------------------------------- reading

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#peer.#pump()
  }

  // ---------------------------------------------------------------- on the way

  /** Cut the connection: both ends fail. */
  lose(error: Error = reset()): void {
    this.#peer.destroy(error)
    this.destroy(error)
  }

  #send(bytes: Buffer | null): void {
    this.#lastDue = Math.max(this.#lastDue, this.#loop.time() + this.#link.latency())
    this.#outgoing.push({ bytes, due: this.#lastDue })
    this.#pump()
  }

  /** Deliver the first parcel once it is due, and the others behind it, each in a pass of its own. */
  #pump(): void {
    const [first] = this.#outgoing
    const { destroyed } = this.#peer
    if (first === undefined || this.#delivery !== null || (this.#peer.#isPaused && !destroyed)) return
    const deliver = () => {
      this.#delivery = null
      this.#deliver()
      this.#pump()
    }
    this.#delivery =
      first.due > this.#loop.time()
        ? Timer.at(this.#loop, first.due, deliver)
        : Timer.soon(this.#loop, deliver)
    deliveries.add(this.#delivery)
  }

  #deliver(): void {
    const peer = this.#peer
    const parcel = this.#outgoing.shift()
    if (parcel === undefined) return
    if (parcel.bytes === null) {
      this.#isEndDelivered = true
      peer.#peerEnded()
      if (this.#isToClose || this.#hasPeerEnded) this.destroy()
      return
    }
    if (peer.destroyed) return this.destroy(reset())
    const size = this.#link.chunk(parcel.bytes.length)
    const rest = parcel.bytes.subarray(size)
    if (rest.length > 0) this.#outgoing.unshift({ bytes: rest, due: parcel.due })
    this.#sent(size)
    peer.emit('data', parcel.bytes.subarray(0, size))
    if (this.#link.isLostAfter(size)) this.lose()
  }

  #sent(size: number): void {
    this.writableLength -= size
    if (this.writableLength > 0 || !this.writableNeedDrain) return
    this.writableNeedDrain = false
    this.emit('drain')
  }

  #peerEnded(): void {
    if (this.destroyed || this.#hasPeerEnded) return
    this.#hasPeerEnded = true
    this.emit('end')
    if (this.#isEndDelivered) this.destroy()
  }
}

const deliveries = new WeakSet<object>()

/** Whether a timer is that of bytes on their way: those of the system, of which nobody has to think. */
export function isDelivery(timer: object): boolean {
  return deliveries.has(timer)
}

function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
}
