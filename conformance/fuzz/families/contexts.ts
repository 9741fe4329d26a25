/** Context variables: two of them, set and reset in contexts that tasks share or have to themselves. */
import { type Context, ContextVar, copyContext, createTask, getRunningLoop, type Token } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import type { Body, Op } from '../program.ts'

export type ContextOperation =
  | Op<'getVar', { variable: number }>
  | Op<'setVar', { variable: number; value: number; token: number }>
  | Op<'resetVar', { variable: number; token: number }>
  | Op<'peekLater', { variable: number; ms: number }>
  | Op<'copyContext', { context: number }>
  | Op<'runInContext', { context: number; variable: number; value: number }>
  | Op<'spawnIn', { task: number; context: number; body: Body }>

export const contexts: Family = {
  simple: { getVar: 16, setVar: 16, resetVar: 10, peekLater: 5, copyContext: 9, runInContext: 7 },
  compound: { spawnIn: 14 },
  needs: { resetVar: 'token', runInContext: 'context', spawnIn: 'context' },
  sequels: { setVar: ['sleep', 'resetVar', 'peekLater'], copyContext: ['setVar', 'spawnIn', 'runInContext'] },
}

const VARIABLES = [0, 1]

export const contextDrafts: Drafts<ContextOperation> = {
  getVar: ({ random }) => ({ variable: random.pick(VARIABLES) }),
  setVar: (hand) => {
    const token = hand.fresh('token')
    return { variable: token % 2, value: token, token }
  },
  /** Now and then the token is of the other variable. */
  resetVar(hand) {
    const token = hand.known('token')
    return { variable: (token + (hand.random.chance(0.1) ? 1 : 0)) % 2, token }
  },
  peekLater: ({ random }) => ({ variable: random.pick(VARIABLES), ms: random.between(0, 3) }),
  copyContext: (hand) => ({ context: hand.fresh('context') }),
  runInContext: (hand) => ({
    context: hand.known('context'),
    variable: hand.random.pick(VARIABLES),
    value: hand.random.between(100, 999),
  }),
  spawnIn(hand, place) {
    const { task, body } = hand.spawned(place)
    return { task, context: hand.known('context'), body }
  },
}

class Contexts {
  readonly variables = VARIABLES.map((number) => new ContextVar<number>(`v${number}`, { default: -1 }))
  readonly tokens = new Map<number, Token<number>>()
  readonly copies = new Map<number, Context>()
}

export const contextPlays: Plays<ContextOperation> = {
  getVar: ({ stage }, { variable }) => stage.state(Contexts).variables[variable]!.get(),
  setVar({ stage }, { variable, value, token }) {
    const { variables, tokens } = stage.state(Contexts)
    tokens.set(token, variables[variable]!.set(value))
    return value
  },
  resetVar({ stage }, { variable, token: id }) {
    const { variables, tokens } = stage.state(Contexts)
    const token = tokens.get(id)
    if (token === undefined) return undefined
    variables[variable]!.reset(token)
    return variables[variable]!.get()
  },
  peekLater({ stage }, { variable, ms }) {
    const { variables } = stage.state(Contexts)
    getRunningLoop().callLater(ms, () => stage.write('peek', variable, variables[variable]!.get()))
    return []
  },
  copyContext({ stage }, { context }) {
    stage.state(Contexts).copies.set(context, copyContext())
    return []
  },
  runInContext({ stage }, { context: id, variable, value }) {
    // CPython refuses what its thread has entered: in an eager task's first step that includes the context of its creator.
    if (stage.isInFirstStep) return undefined
    const { variables, copies } = stage.state(Contexts)
    return copies.get(id)?.run(() => {
      const before = variables[variable]!.get()
      variables[variable]!.set(value)
      return [before, variables[variable]!.get()]
    })
  },
  spawnIn({ stage, taskFunction }, { task, context: id, body }) {
    const context = stage.state(Contexts).copies.get(id)
    if (context === undefined) return undefined
    stage.tasks.set(task, createTask({ context }, taskFunction(task), task, body))
    return task
  },
}
