import { createHash } from 'node:crypto'
import type { Coroutine } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { NoScriptError } from './errors.ts'
import { inspectOf } from './inspect.ts'
import type { Argument, Encoding } from './wire.ts'

/**
 * A Lua script, to be run with `client.runScript(script, keys, args)`: once for a program, not once for each call.
 *
 *     const take = new Script<number>('if redis.call("get", KEYS[1]) == ARGV[1] then … end')
 */
export class Script<T = unknown> {
  /** Keeps the type of the result. */
  declare private readonly type: T
  /** Its source. */
  readonly lua: string
  /** What the server knows it by. */
  readonly sha: string

  /** @throws TypeError unless `lua` is a string */
  constructor(lua: string) {
    if (typeof lua !== 'string') {
      throw misuse(`Script takes the source of a Lua script, and was given ${inspectOf(lua)}.`)
    }
    this.lua = lua
    this.sha = createHash('sha1').update(lua).digest('hex')
  }
}

/** What can run a script: something with the commands. */
interface Runs {
  _command(name: string, args: readonly Argument[], encoding: Encoding): Iterable<unknown>
}

export function* runScript(
  client: Runs,
  { lua, sha }: Script,
  keys: readonly Argument[],
  args: readonly Argument[],
): Coroutine<unknown> {
  const rest = [keys.length, ...keys, ...args]
  const run = (name: string, script: string) =>
    client._command(name, [script, ...rest], 'utf8') as unknown as Coroutine<unknown>
  try {
    return yield* run('evalsha', sha)
  } catch (error) {
    if (!(error instanceof NoScriptError)) throw error
  }
  return yield* run('eval', lua)
}
