/**
 * One client connection and the connection to the target behind it. In tcp the whole connection is one exchange and
 * its bytes pass unread. In http every request and its response are an exchange, one at a time: what a client
 * pipelines waits in the framer, so the answers come in order. It moves its exchange through the phases of exchange.ts.
 *
 * Invariant: an exchange is finished exactly once, and every byte that was taken from one side is handed to the
 * other, in order, or belongs to an exchange the proxy refused, hung or dropped.
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type Ended, Exchange, type FaultRecord } from './exchange.ts'
import type { Strike } from './faults.ts'
import { Flow } from './flow.ts'
import { Framer, type Head } from './http-framing.ts'

/** What a relay asks of the proxy it belongs to. */
export interface RelayHost {
  readonly isHttp: boolean
  readonly target: NetConnectOpts
  /** Numbers and records an exchange and draws its fault. */
  admit(method: string, path: string): { record: FaultRecord; strike: Strike | null }
  /** Called once for every exchange, after its record is complete. */
  finished(): void
  malformed(): void
  /** Called when neither side holds a socket any more. */
  gone(relay: Relay): void
}

/** Ends with a reset where the platform has one (not on a Unix socket, not before it is connected). */
function reset(socket: Socket): void {
  if (socket.destroyed) return
  if (socket.connecting || socket.remoteFamily === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

function ignore(): void {}

export class Relay {
  readonly #client: Socket
  readonly #host: RelayHost
  readonly #requests = new Framer('request')
  readonly #down: Flow
  #responses = new Framer('response')
  #target: Socket | undefined
  #up: Flow | undefined
  #exchange: Exchange | undefined
  /** Bytes pass both ways unread: tcp, after an upgrade, after malformed input. */
  #raw = false
  /** The client gets nothing more; what it still sends is discarded until it ends too. */
  #over = false
  #clientEnded = false
  #clientClosed = false
  #targetEnded = false

  constructor(client: Socket, host: RelayHost) {
    this.#client = client
    this.#host = host
    this.#down = new Flow(client, () => this.#target?.resume())
    client.on('error', ignore) // 'close' follows and says whether there was one
    client.on('data', (chunk: Buffer) => this.#onClientData(chunk))
    client.on('end', () => {
      this.#clientEnded = true
      this.#passEnd()
    })
    client.on('close', (hadError) => this.#onClientClose(hadError))
    if (!host.isHttp) this.#begin(null, Buffer.alloc(0))
  }

  /** Destroys both sides at once, and resolves when they are closed. */
  async close(): Promise<void> {
    this.#finish(this.#exchange?.phase === 'hung' ? 'hung' : 'proxy closed')
    this.#over = true
    const sockets = [this.#clientClosed ? undefined : this.#client, this.#target]
    const closed = sockets.map((socket) => socket && new Promise((resolve) => socket.once('close', resolve)))
    this.#client.destroy()
    this.#forgetTarget()
    await Promise.all(closed)
  }

  // -- from the client

  #onClientData(chunk: Buffer): void {
    const exchange = this.#exchange
    if (this.#over || exchange?.phase === 'hung') return
    if (this.#raw) {
      if (exchange !== undefined) exchange.record.bytesIn += chunk.length
      this.#up?.write(chunk)
      this.#steer()
    } else {
      this.#requests.push(chunk)
      this.#pump()
    }
  }

  /** Takes the request apart as far as it may go; what follows it waits until it is answered. */
  #pump(): void {
    while (!this.#over && !this.#raw && !this.#turnTaken()) {
      const piece = this.#requests.next()
      if (piece === null) break
      const exchange = this.#exchange
      if (piece.kind === 'head') {
        this.#begin(piece.head, piece.bytes)
      } else if (piece.kind === 'body') {
        exchange!.record.bytesIn += piece.bytes.length
        if (exchange!.phase === 'passing') this.#up!.write(piece.bytes)
      } else if (piece.kind === 'end') {
        exchange!.requestDone = true
        if (exchange!.phase === 'refused') this.#answer(exchange!)
        else this.#settle(exchange!)
      } else if (exchange?.phase === 'refused') {
        this.#answer(exchange)
      } else {
        this.#passUnread(piece.bytes)
      }
    }
    if (this.#clientEnded) this.#passEnd()
    this.#steer()
  }

  #turnTaken(): boolean {
    const exchange = this.#exchange
    return (
      exchange !== undefined &&
      (exchange.phase === 'held' || exchange.phase === 'hung' || exchange.requestDone)
    )
  }

  /** Keep reading while there is nothing to hand on: only a reader sees the client leave. */
  #steer(): void {
    let wait = false
    if (!this.#over && this.#exchange?.phase !== 'hung') {
      const queued = !this.#raw && this.#turnTaken()
      wait = queued ? this.#requests.buffered > 0 : (this.#up?.blocked ?? false)
    }
    if (wait) this.#client.pause()
    else this.#client.resume()
  }

  /**
   * Passes the client's end on, once what it sent before was taken: a socket reports its end even while it is
   * paused, so pipelined requests may still be waiting.
   */
  #passEnd(): void {
    const exchange = this.#exchange
    if (this.#over || (!this.#raw && this.#turnTaken() && this.#requests.buffered > 0)) return
    if (this.#raw || exchange?.phase === 'passing') {
      this.#up?.end()
    } else if (exchange !== undefined) {
      // A client that waits for the proxy cannot be told from one that half-closed: as servers do, take it as gone.
      this.#drop('client left')
    } else if (this.#requests.buffered > 0) {
      this.#passUnread(this.#requests.rest())
    } else {
      this.#hangUp()
    }
  }

  #onClientClose(hadError: boolean): void {
    this.#clientClosed = true
    this.#finish(hadError ? 'client left' : 'done')
    this.#over = true
    this.#down.destroy()
    const target = this.#target
    if (target !== undefined && hadError) reset(target)
    else if (!this.#raw) target?.destroy()
    if (target === undefined) this.#host.gone(this)
  }

  // -- an exchange, from its beginning to its record

  #begin(head: Head | null, bytes: Buffer): void {
    const { record, strike } = this.#host.admit(head?.method ?? '', head?.path ?? '')
    record.bytesIn = bytes.length
    const exchange = new Exchange(
      record,
      head,
      bytes,
      strike?.kind === 'throttle' ? strike.bytesPerSecond : 0,
    )
    this.#exchange = exchange
    this.#down.bytesPerSecond = 0
    switch (strike?.kind) {
      case 'error':
        this.#refuse(exchange, strike.status, 'done')
        break
      case 'delay':
        this.#hold(exchange, exchange.record.received + strike.ms)
        break
      case 'hang':
        exchange.phase = 'hung'
        this.#requests.rest()
        break
      case 'blackout':
        this.#drop('reset')
        break
      default:
        this.#forward(exchange)
    }
  }

  /** Node's timers may fire a fraction of a millisecond early; a delay is never shorter than it says. */
  #hold(exchange: Exchange, until: number): void {
    const wait = Math.max(0, until - performance.now())
    exchange.timer = setTimeout(() => {
      if (performance.now() < until) return this.#hold(exchange, until)
      this.#forward(exchange)
      this.#pump()
    }, wait)
  }

  #forward(exchange: Exchange): void {
    exchange.phase = 'passing'
    exchange.record.heldMs = performance.now() - exchange.record.received
    const up = this.#reach()
    up.bytesPerSecond = this.#down.bytesPerSecond = exchange.bytesPerSecond
    if (exchange.head === null) {
      this.#tunnel()
    } else {
      this.#responses.method = exchange.head.method
      up.write(exchange.bytes)
    }
  }

  /** A client that waits for a `100 Continue` may never send its body: answer at once and give the connection up. */
  #refuse(exchange: Exchange, status: number, ending: Ended): void {
    exchange.phase = 'refused'
    exchange.status = status
    exchange.ending = ending
    if (exchange.requestDone || exchange.head!.expectsContinue) this.#answer(exchange)
  }

  #answer(exchange: Exchange): void {
    const keep = exchange.requestDone && exchange.head!.keepAlive
    exchange.record.status = exchange.status
    this.#send(exchange.refusal(keep))
    this.#finish(exchange.ending)
    if (!keep) this.#hangUp()
  }

  /** Goes on to the next request once this one is both sent and answered. */
  #settle(exchange: Exchange): void {
    if (!exchange.requestDone || !exchange.answered) return
    this.#down.flushed(() => {
      if (this.#exchange !== exchange) return
      this.#finish('done')
      if (this.#targetEnded) this.#hangUp()
      else this.#pump()
    })
  }

  #finish(ended: Ended): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    this.#exchange = undefined
    exchange.finish(ended)
    this.#host.finished()
  }

  // -- from the target

  /** The connection to the target, opened on first need and after the target gave up an idle one. */
  #reach(): Flow {
    if (this.#up !== undefined) return this.#up
    const target = connect(this.#host.target)
    let connected = false
    this.#target = target
    this.#responses = new Framer('response')
    this.#up = new Flow(target, () => this.#steer())
    target.on('connect', () => {
      connected = true
    })
    target.on('error', ignore)
    target.on('data', (chunk: Buffer) => this.#onTargetData(target, chunk))
    target.on('end', () => this.#onTargetEnd(target))
    target.on('close', (hadError) => this.#onTargetClose(target, hadError, connected))
    return this.#up
  }

  #onTargetData(target: Socket, chunk: Buffer): void {
    const exchange = this.#exchange
    if (target !== this.#target || this.#over) return
    if (!this.#raw && exchange?.phase === 'passing' && !exchange.answered) {
      this.#responses.push(chunk)
      this.#pumpResponse(exchange)
    } else if (this.#raw || exchange === undefined || exchange.answered) {
      this.#send(chunk) // not asked for, such as the 408 of a server that closes an idle connection
    }
    if (this.#down.blocked) target.pause()
  }

  #pumpResponse(exchange: Exchange): void {
    for (let piece = this.#responses.next(); piece !== null; piece = this.#responses.next()) {
      if (piece.kind === 'end') {
        exchange.answered = true
        this.#send(this.#responses.rest())
        this.#settle(exchange)
        return
      }
      if (piece.kind === 'raw') {
        this.#send(piece.bytes)
        this.#passUnread(Buffer.alloc(0))
        return
      }
      if (piece.kind === 'body') {
        this.#send(piece.bytes)
        continue
      }
      const { status } = piece.head
      const upgraded =
        status === 101 || (exchange.head!.method === 'CONNECT' && status >= 200 && status < 300)
      const interim = status < 200 && !upgraded
      this.#send(piece.bytes, interim)
      if (!interim) exchange.record.status = status
      if (upgraded) {
        this.#finish('upgraded')
        this.#tunnel()
        return
      }
    }
  }

  #send(bytes: Buffer, interim = false): void {
    const record = this.#exchange?.record
    if (record !== undefined && bytes.length > 0) {
      record.bytesOut += bytes.length
      if (!interim) record.firstByte ??= performance.now()
    }
    this.#down.write(bytes)
  }

  #onTargetEnd(target: Socket): void {
    if (target !== this.#target) return
    const exchange = this.#exchange
    if (this.#raw) {
      this.#down.end()
    } else if (exchange !== undefined && exchange.phase !== 'passing') {
      this.#forgetTarget()
    } else {
      this.#targetEnded = true
      const complete = exchange === undefined || exchange.answered || this.#responses.untilClose
      const left = this.#clientEnded ? 'client left' : 'target left'
      this.#down.flushed(() => {
        if (this.#exchange === exchange) this.#finish(complete ? 'done' : left)
        this.#hangUp()
      })
    }
  }

  #onTargetClose(target: Socket, hadError: boolean, connected: boolean): void {
    if (target !== this.#target) return
    const exchange = this.#exchange
    this.#forgetTarget()
    if (this.#clientClosed) {
      this.#host.gone(this)
    } else if (!hadError || this.#over) {
      // Its end was seen and passed on.
    } else if (!connected && exchange?.phase === 'passing' && !this.#raw) {
      this.#refuse(exchange, 502, 'target down')
      this.#pump()
    } else if (this.#raw || exchange === undefined || exchange.phase === 'passing') {
      this.#drop(connected ? 'target left' : 'target down')
    }
  }

  #forgetTarget(): void {
    this.#up?.destroy()
    this.#target?.destroy()
    this.#up = undefined
    this.#target = undefined
  }

  // -- the ways out

  /** From here on bytes pass unread, beginning with what the framers hold. */
  #tunnel(): void {
    this.#raw = true
    const up = this.#reach()
    const waiting = this.#requests.rest()
    if (this.#exchange !== undefined) this.#exchange.record.bytesIn += waiting.length
    up.write(waiting)
    this.#send(this.#responses.rest())
    if (this.#clientEnded) up.end()
    this.#steer()
  }

  #passUnread(bytes: Buffer): void {
    this.#host.malformed()
    this.#finish('malformed')
    this.#reach().write(bytes)
    this.#tunnel()
  }

  /** Ends both sides in good order, behind what is on its way. */
  #hangUp(): void {
    if (this.#over) return
    this.#over = true
    this.#down.end()
    this.#target?.end()
    this.#client.resume()
  }

  #drop(ended: Ended): void {
    this.#finish(ended)
    this.#over = true
    reset(this.#client)
    this.#forgetTarget()
  }
}
