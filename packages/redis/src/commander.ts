/**
 * The methods for the commands: one for each that the driver knows, and its twin that gives bytes. What a call makes is the
 * subclass's business: an operation to await, or an entry of a batch.
 */
import { Redis, type RedisCommander } from 'ioredis'
import type { Awaitable } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import type { Queued } from './batch.ts'
import type { Argument, Encoding } from './wire.ts'

declare module 'ioredis/built/utils/RedisCommander.js' {
  // The names of the type parameters have to be the driver's.
  interface ResultTypes<Result, Context> {
    /** What a command of a client gives. */
    awaitable: Awaitable<Result>
    /** What a command of a batch gives. */
    queued: Queued<Result>
  }
}

/** They would change the connection for all who share it; each has a method, or an option, in its place. */
const REFUSED = {
  auth: 'Give the client username and password.',
  discard: 'Use client.multi().',
  exec: 'Use client.multi().',
  hello: 'Give the client username and password.',
  monitor: 'It is for redis-cli.',
  multi: 'Use client.multi().',
  psubscribe: 'Use client.psubscribe().',
  psync: 'It is for replicas.',
  punsubscribe: 'Close the subscription.',
  quit: 'Use client.close().',
  reset: 'Use client.close().',
  select: 'Give the client its db.',
  ssubscribe: 'Use client.subscribe().',
  subscribe: 'Use client.subscribe().',
  sunsubscribe: 'Close the subscription.',
  sync: 'It is for replicas.',
  unsubscribe: 'Close the subscription.',
  unwatch: 'Use client.watch().',
  watch: 'Use client.watch().',
} as const

type Refused = keyof typeof REFUSED | `${keyof typeof REFUSED}Buffer`

/** All commands, each with the result that the context says. */
type CommandsWith<Kind extends 'awaitable' | 'queued'> = Omit<
  RedisCommander<{ type: Kind }>,
  Refused | 'shutdown' | 'debug'
>

/** The commands of Redis, each an operation to await; with `Buffer` behind the name, what it gives is bytes. */
export type Commands = CommandsWith<'awaitable'>

/** The commands of Redis, for a batch. */
export type BatchCommands = CommandsWith<'queued'>

/** Has the methods for all commands; which result they give its subclasses say in an interface of the same name. */
export abstract class Commander {
  /** @internal */
  abstract _command(name: string, args: readonly Argument[], encoding: Encoding): unknown
}

const methods: PropertyDescriptorMap = {}

function addMethod(name: string, make: (this: Commander, ...args: Argument[]) => unknown): void {
  Object.defineProperty(make, 'name', { value: name })
  methods[name] = { value: make, writable: true, configurable: true }
}

for (const name of Redis.prototype.getBuiltinCommands()) {
  if (name in REFUSED) continue
  addMethod(name, function (...args) {
    return this._command(name, args, 'utf8')
  })
  addMethod(`${name}Buffer`, function (...args) {
    return this._command(name, args, null)
  })
}
addMethod('call', function (name, ...args) {
  return this._command(anyName(name), args.flat(), 'utf8')
})
addMethod('callBuffer', function (name, ...args) {
  return this._command(anyName(name), args.flat(), null)
})
Object.defineProperties(Commander.prototype, methods)

function anyName(given: Argument): string {
  const name = typeof given === 'string' ? given.toLowerCase() : ''
  if (name === '') throw misuse(`call() takes the name of a command, and was given ${String(given)}.`)
  if (name in REFUSED) throw misuse(`${name}: ${REFUSED[name as keyof typeof REFUSED]}`)
  return name
}
