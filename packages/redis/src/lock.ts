/**
 * A lock in the server: a key with a token that nobody else knows, and a time to live. Renewing and giving back compare the token
 * on the server, so that a lock that has run out and is somebody else's is left alone.
 *
 * Whether it is still held is known here by the clock as well: `ttl` after the last renewal was sent it may be anybody's, whether
 * the server can be reached or not. Then, and when the server says so, the body is cancelled.
 */
import { randomUUID } from 'node:crypto'
import {
  type Awaitable,
  type CancelScope,
  type Coroutine,
  cancelScope,
  createTask,
  moveOnAfter,
  type Provide,
  type ProvidedResource,
  resource,
  rethrowCancelled,
  sleep,
} from 'polvo'
import { namedCall, outOfRange } from 'polvo/lowlevel'
import type { Client } from './client.ts'
import { checkCount, LockNotOwnedError, LockTimeoutError } from './errors.ts'
import { inspectOf } from './inspect.ts'
import { Script } from './script.ts'

/** What `client.lock` takes beside the name. */
export interface LockOptions {
  /** How many milliseconds after its holder has died the lock is free again; 1 or more. It is renewed three times as often. */
  ttl: number
  /** How many milliseconds to wait for others; by default for ever, 0 for one attempt. Then LockTimeoutError is thrown. */
  wait?: number | undefined
  /** How many milliseconds lie between two attempts; by default 100, of which up to a half is left to chance. */
  retryDelay?: number | undefined
  /** false: it is not renewed, and lost after `ttl` unless `extend` is called. By default true. */
  renew?: boolean | undefined
}

const UNDO_WITHIN = 500

const EXTEND = new Script<number>(
  `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])`,
)
const RELEASE = new Script<number>(
  `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])`,
)

/** A lock that is held. What the body of `use(client.lock(…), body)` is given. */
export class RedisLock {
  /** The key it is. */
  readonly name: string
  /** What tells this holder from all others: the value of the key. */
  readonly token = randomUUID()
  readonly #client: Client
  #ttl: number
  /** Until when nobody else can hold it, by this process's clock. */
  #heldUntil = 0
  #isLost = false
  #isReleased = false
  #onLost: (() => void) | null = null
  #timer: NodeJS.Timeout | null = null

  /** @internal */
  constructor(client: Client, name: string, ttl: number) {
    this.#client = client
    this.name = name
    this.#ttl = ttl
  }

  /** Whether it is held, as far as can be known here. False from the moment when it may be somebody else's. */
  get held(): boolean {
    return !this.#isLost && !this.#isReleased && performance.now() < this.#heldUntil
  }

  /** The milliseconds until it may be somebody else's, unless it is renewed; 0 where it is not held. */
  get remaining(): number {
    return this.held ? this.#heldUntil - performance.now() : 0
  }

  /**
   * Hold it for `ttl` milliseconds from now, by default as long as at first. A checkpoint.
   * @throws LockNotOwnedError where it was lost
   */
  extend(ttl: number = this.#ttl): Awaitable<void> {
    return namedCall(`lock.extend(${ttl})`, () => this.#extend(checkTtl(ttl)))
  }

  // ---------------------------------------------------------------- its life

  /** @internal Take it, waiting for others. */
  *_acquire(wait: number, retryDelay: number): Coroutine {
    const giveUpAt = performance.now() + wait
    for (;;) {
      const asked = performance.now()
      if (yield* this.#attempt()) return this.#holdUntil(asked + this.#ttl)
      const delay = retryDelay * (1 - Math.random() / 2)
      if (performance.now() + delay > giveUpAt) {
        throw new LockTimeoutError(
          `The lock ${this.name} was held by others for ${wait} ms. Raise wait, or do without.`,
        )
      }
      yield* sleep(delay)
    }
  }

  *#attempt(): Coroutine<boolean> {
    try {
      return (yield* this.#client.set(this.name, this.token, 'PX', this.#ttl, 'NX')) === 'OK'
    } catch (error) {
      // It may have been taken all the same; if this cannot be undone soon, the time to live does it.
      yield* moveOnAfter(UNDO_WITHIN, () => quietly(this._release()))
      throw error
    }
  }

  /** @internal Call `onLost` when it is lost; at once where it is already. */
  _watch(onLost: () => void): void {
    this.#onLost = onLost
    if (this.#isLost) onLost()
  }

  /** @internal Renew it until it is lost, where that is wanted. */
  *_renew(isWanted: boolean): Coroutine {
    while (isWanted && !this.#isLost) {
      yield* sleep(this.#ttl / 3)
      try {
        yield* this.#extend(this.#ttl)
      } catch (error) {
        // Where the server cannot be reached it may be reached in time by the next attempt.
        rethrowCancelled(error)
      }
    }
  }

  /** @internal Give it back. Returns false where it was not its own any more. */
  *_release(): Coroutine<boolean> {
    this.#isReleased = true
    clearTimeout(this.#timer ?? undefined)
    return (yield* this.#client.runScript(RELEASE, [this.name], [this.token])) === 1
  }

  *#extend(ttl: number): Coroutine {
    const asked = performance.now()
    if (!this.#isLost) {
      if ((yield* this.#client.runScript(EXTEND, [this.name], [this.token, ttl])) === 1) {
        this.#ttl = ttl
        return this.#holdUntil(asked + ttl)
      }
      this.#lost()
    }
    throw this._notOwned()
  }

  #holdUntil(time: number): void {
    if (this.#isLost || this.#isReleased) return
    this.#heldUntil = time
    clearTimeout(this.#timer ?? undefined)
    this.#timer = setTimeout(() => this.#lost(), Math.max(0, time - performance.now()))
    this.#timer.unref()
  }

  #lost(): void {
    if (this.#isReleased || this.#isLost) return
    this.#isLost = true
    this.#onLost?.()
  }

  /** @internal */
  get _isLost(): boolean {
    return this.#isLost
  }

  /** @internal */
  _notOwned(): LockNotOwnedError {
    return new LockNotOwnedError(
      `The lock ${this.name} is not held any more: it was not renewed in time, or was taken away. Raise ttl, and do not rely on ` +
        'what was done since.',
    )
  }
}

export function lock(client: Client, name: string, options: LockOptions): ProvidedResource<RedisLock> {
  const ttl = checkTtl(options?.ttl)
  const wait = checkCount('wait', options.wait ?? Number.POSITIVE_INFINITY)
  const retryDelay = checkCount('retryDelay', options.retryDelay ?? 100)
  const { renew = true } = options
  return resource<RedisLock>(function* (provide) {
    const held = new RedisLock(client, name, ttl)
    yield* held._acquire(wait, retryDelay)
    try {
      yield* cancelScope((scope) => runHeld(scope, held, provide, renew))
    } catch (error) {
      // The error of the body goes first: it may be why the lock was lost.
      yield* quietly(held._release())
      throw error
    }
    // By the server's clock it may still be held for a moment.
    const isLost = held._isLost
    const wasOurs = yield* isLost ? quietly(held._release()) : held._release()
    if (isLost || !wasOurs) throw held._notOwned()
  })
}

function* runHeld(
  scope: CancelScope,
  held: RedisLock,
  provide: Provide<RedisLock>,
  renew: boolean,
): Coroutine {
  held._watch(() => scope.cancel(`the lock ${held.name} was lost`))
  const renewing = createTask(() => held._renew(renew))
  try {
    yield* provide(held)
  } finally {
    renewing.cancel()
  }
}

/** What cannot be done any more is not the caller's business: the time to live does it. */
function* quietly(release: Coroutine<boolean>): Coroutine<boolean> {
  try {
    return yield* release
  } catch (error) {
    rethrowCancelled(error)
    return false
  }
}

function checkTtl(ttl: number): number {
  if (!Number.isInteger(ttl) || ttl < 1) {
    throw outOfRange(`ttl takes a whole number of milliseconds, 1 or more, and was given ${inspectOf(ttl)}.`)
  }
  return ttl
}
