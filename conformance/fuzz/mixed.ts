/**
 * Plays a program in both spellings at once: at every call a coin decides which of them answers. Calls across go through
 * `call()`; tasks, and the bodies of scopes, are handed to the library as they are.
 */
import { call } from 'polvo'
import { inAsyncFunctions } from './async.ts'
import { inGenerators } from './generator.ts'
import type { Body, Program } from './program.ts'
import { Random } from './random.ts'
import type { Stage, TaskFunction } from './stage.ts'

/** What is called. Each kind has a coin of its own, or a block and its first operation would always be spelled alike. */
type Callee = 'main' | 'block' | 'perform' | 'task' | 'body'
const CALLEES: readonly Callee[] = ['main', 'block', 'perform', 'task', 'body']

/** @param seed of the program: the coins fall by it and by the place, so that they fall alike when the program is cut down */
export function inBoth(stage: Stage, seed: number) {
  const isGenerator = (callee: Callee, place: number) =>
    new Random(seed, CALLEES.indexOf(callee), place).chance(0.5)

  const taskFunction = (id: number): TaskFunction => (isGenerator('task', id) ? generators : asyncs).task

  const inGenerator = inGenerators(stage, (fn) => fn).task

  /** An async function's first await is a microtask late, which shows where the rest is generators: see `async.ts`. */
  const eagerTaskFunction = (): TaskFunction => inGenerator

  const bodyOf = <S>(me: number, body: Body, enter: (scope: S) => void) =>
    (isGenerator('body', placeOf(body)) ? generators : asyncs).bodyOf(me, body, enter)

  const generators: ReturnType<typeof inGenerators> = inGenerators(stage, (fn) => fn, {
    block: (me, body) =>
      isGenerator('block', placeOf(body)) ? generators.block(me, body) : call(asyncs.block, me, body),
    perform: (me, operation) =>
      isGenerator('perform', operation.at)
        ? generators.perform(me, operation)
        : call(asyncs.perform, me, operation),
    newTask: (id, body) =>
      isGenerator('task', id) ? generators.task(id, body) : call(asyncs.task, id, body),
    taskFunction,
    eagerTaskFunction,
    bodyOf,
  })

  const asyncs: ReturnType<typeof inAsyncFunctions> = inAsyncFunctions(stage, {
    block: (me, body) =>
      isGenerator('block', placeOf(body)) ? call(generators.block, me, body) : asyncs.block(me, body),
    perform: (me, operation) =>
      isGenerator('perform', operation.at)
        ? call(generators.perform, me, operation)
        : asyncs.perform(me, operation),
    newTask: (id, body) => call(taskFunction(id), id, body),
    taskFunction,
    eagerTaskFunction,
    bodyOf,
  })

  const main = (program: Program) =>
    isGenerator('main', 0) ? generators.main(program) : call(asyncs.main, program)
  return { main }
}

function placeOf(body: Body): number {
  return body[0]?.at ?? 0
}
