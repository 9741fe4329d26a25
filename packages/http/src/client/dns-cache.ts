/** Addresses of hosts, kept for a while. Those who ask for the same name at once share one question. */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

interface Entry {
  readonly addresses: LookupAddress[]
  /** A time of `performance.now()`. */
  readonly expires: number
}

/** So many names are kept; the oldest goes first. */
const CAPACITY = 1000

export class DnsCache {
  private readonly ttl: number
  private readonly resolve: typeof systemLookup
  private readonly entries = new Map<string, Entry>()
  private readonly asking = new Map<string, Answer[]>()

  /** @param ttl milliseconds that an answer is kept */
  constructor(ttl: number, resolve: typeof systemLookup = systemLookup) {
    this.ttl = ttl
    this.resolve = resolve
  }

  /** As `dns.lookup`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const { all, family = 0, hints = 0 } = options
    const answer: Answer = (error, addresses) => {
      if (error !== null) callback(error, '')
      else if (all === true) callback(null, addresses)
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
    }
    const key = `${family} ${hints} ${hostname}`
    const known = this.entries.get(key)
    if (known !== undefined && known.expires > performance.now()) {
      process.nextTick(answer, null, known.addresses)
      return
    }
    const others = this.asking.get(key)
    if (others !== undefined) {
      others.push(answer)
      return
    }
    const answers = [answer]
    this.asking.set(key, answers)
    this.resolve(hostname, { ...options, all: true }, (error, addresses) => {
      this.asking.delete(key)
      if (error === null) this.keep(key, addresses)
      for (const one of answers) one(error, addresses)
    })
  }

  private keep(key: string, addresses: LookupAddress[]): void {
    this.entries.delete(key)
    this.entries.set(key, { addresses, expires: performance.now() + this.ttl })
    if (this.entries.size > CAPACITY) {
      for (const oldest of this.entries.keys()) {
        this.entries.delete(oldest)
        break
      }
    }
  }
}
