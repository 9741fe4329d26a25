/**
 * The connection of a client's subscriptions, and who listens to what. There is a connection while there are subscriptions; when
 * it is lost it is made again, with everything that is subscribed to, for as long as it takes. An attempt that fails fails only
 * those subscriptions that were never confirmed and have waited long enough.
 *
 * It runs in callbacks of the network, outside any task's async context.
 */
import { type Cluster, Redis } from 'ioredis'
import { InvalidStateError } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import { openCluster } from './cluster.ts'
import type { Endpoint } from './endpoint.ts'
import { connectError, isFinal, isReply, type RedisError } from './errors.ts'
import type { Subscription } from './subscription.ts'

const FIRST_DELAY = 20
const LONGEST_DELAY = 1000

type Listeners = Map<string, Set<Subscription<unknown>>>

export class Subscriber {
  readonly #endpoint: Endpoint
  readonly #listeners: Record<'subscribe' | 'psubscribe', Listeners> = {
    subscribe: new Map(),
    psubscribe: new Map(),
  }
  readonly #subscriptions = new Map<Subscription<unknown>, number>()
  #driver: Redis | Cluster | null = null
  #isReady = false
  #isClosed = false
  #attempts = 0
  #failure: unknown = null
  #timer: NodeJS.Timeout | null = null
  #heartbeat: NodeJS.Timeout | null = null

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  add(subscription: Subscription<unknown>): void {
    if (this.#isClosed) {
      throw new InvalidStateError(`${this.#endpoint.address}: the client is closed; make a new one.`)
    }
    this.#subscriptions.set(subscription, performance.now())
    const listeners = this.#listeners[subscription._kind]
    for (const name of subscription.names) {
      const all = listeners.get(name) ?? new Set()
      listeners.set(name, all.add(subscription))
    }
    if (this.#isReady) this.#ask(subscription._kind, subscription.names, [subscription])
    else if (this.#driver === null && this.#timer === null) runDetached(() => this.#open())
  }

  remove(subscription: Subscription<unknown>): void {
    if (!this.#subscriptions.delete(subscription)) return
    const listeners = this.#listeners[subscription._kind]
    const unheard: string[] = []
    for (const name of subscription.names) {
      const all = listeners.get(name)
      if (!all?.delete(subscription) || all.size > 0) continue
      listeners.delete(name)
      unheard.push(name)
    }
    if (this.#subscriptions.size === 0) return this.#hangUp()
    if (!this.#isReady || unheard.length === 0) return
    const end = subscription._kind === 'subscribe' ? 'unsubscribe' : 'punsubscribe'
    this.#driver?.[end](...unheard).catch(ignore)
  }

  /** End all subscriptions, and the connection. */
  destroy(): void {
    this.#isClosed = true
    for (const subscription of [...this.#subscriptions.keys()]) subscription.close()
  }

  // ---------------------------------------------------------------- the connection

  #open(): void {
    this.#timer = null
    this.#attempts++
    this.#failure = null
    const { cluster } = this.#endpoint
    const driver =
      cluster === null ? this.#endpoint.forBlocking().open() : openCluster(this.#endpoint, cluster)
    this.#driver = driver
    driver.on('error', (error: unknown) => {
      this.#failure ??= error
    })
    driver.once('end', () => this.#ended(driver))
    driver.on('messageBuffer', (name: Buffer, message: Buffer) => {
      this.#deliver('subscribe', name.toString(), null, message)
    })
    driver.on('pmessageBuffer', (pattern: string | Buffer, name: Buffer, message: Buffer) => {
      this.#deliver('psubscribe', name.toString(), String(pattern), message)
    })
    this.#endpoint.connect(driver).then(
      () => this.#opened(driver),
      (error: unknown) => {
        this.#failure ??= error
      },
    )
  }

  #opened(driver: Redis | Cluster): void {
    if (this.#driver !== driver) return
    this.#isReady = true
    this.#attempts = 0
    for (const kind of ['subscribe', 'psubscribe'] as const) {
      const names = [...this.#listeners[kind].keys()]
      const concerned = [...this.#subscriptions.keys()].filter(({ _kind }) => _kind === kind)
      if (names.length > 0) this.#ask(kind, names, concerned)
    }
    this.#beat(driver)
  }

  /** A connection may be dead without anybody saying so: ask now and then. */
  #beat(driver: Redis | Cluster): void {
    const { healthCheckInterval, connectTimeout } = this.#endpoint
    if (healthCheckInterval === 0 || !(driver instanceof Redis)) return
    this.#heartbeat = setInterval(() => {
      const timer = setTimeout(() => driver.stream.destroy(), connectTimeout)
      driver.ping().then(
        () => clearTimeout(timer),
        () => clearTimeout(timer),
      )
    }, healthCheckInterval)
    this.#heartbeat.unref()
  }

  #ask(
    kind: 'subscribe' | 'psubscribe',
    names: readonly string[],
    concerned: readonly Subscription<unknown>[],
  ): void {
    const driver = this.#driver as Redis | Cluster
    runDetached(() =>
      driver[kind](...names).then(
        () => {
          for (const subscription of concerned) subscription._confirm()
        },
        (error: unknown) => {
          // Where the connection was lost it is asked again on the next one.
          if (!isReply(error)) return
          for (const subscription of concerned)
            subscription._fail(connectError(this.#endpoint.address, error))
        },
      ),
    )
  }

  #deliver(kind: 'subscribe' | 'psubscribe', name: string, pattern: string | null, message: Buffer): void {
    const listeners = this.#listeners[kind].get(pattern ?? name)
    if (listeners === undefined) return
    for (const subscription of listeners) subscription._deliver(name, pattern, message)
  }

  #ended(driver: Redis | Cluster): void {
    if (this.#driver !== driver) return
    const wasReady = this.#isReady
    this.#forget()
    if (this.#subscriptions.size === 0) return
    if (!wasReady) this.#failPatient(connectError(this.#endpoint.address, this.#failure))
    if (this.#subscriptions.size === 0) return
    const delay = Math.min(FIRST_DELAY * 2 ** this.#attempts, LONGEST_DELAY) * (0.5 + Math.random() / 2)
    this.#timer = setTimeout(() => this.#open(), delay)
  }

  /** Those that were never confirmed fail when they have waited long enough, all of them where trying again does not help. */
  #failPatient(error: RedisError): void {
    const isHopeless = isFinal(error)
    const oldest = performance.now() - this.#endpoint.reconnectWithin
    for (const [subscription, since] of [...this.#subscriptions]) {
      if (isHopeless || (!subscription._isConfirmed && since <= oldest)) subscription._fail(error)
    }
  }

  #hangUp(): void {
    const driver = this.#driver
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#forget()
    if (driver !== null) runDetached(() => driver.disconnect())
  }

  #forget(): void {
    this.#driver = null
    this.#isReady = false
    clearInterval(this.#heartbeat ?? undefined)
    this.#heartbeat = null
  }
}

function ignore(): void {}
