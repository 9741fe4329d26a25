/** Going through tasks as they are done. The same completions may be gone through by several tasks. */
import { asCompleted, type Completions, createTask, type Task } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import type { Body, Op } from '../program.ts'

export type CompletionOperation =
  | Op<'openCompletions', { completions: number; tasks: readonly number[]; ms: number | null }>
  /** Either spelling of the loop: `for`, of results, or `for await`, of tasks. */
  | Op<'nextResult', { completions: number }>
  | Op<'nextTask', { completions: number }>
  /** A task that takes the next one, so that several wait for it. */
  | Op<'spawnTaker', { task: number; body: Body }>

export const completions: Family = {
  simple: { openCompletions: 12, nextResult: 12, nextTask: 12, spawnTaker: 8 },
  forLaterTasks: ['openCompletions'],
  needs: { nextResult: 'completions', nextTask: 'completions', spawnTaker: 'completions' },
  sequels: {
    openCompletions: ['nextResult', 'nextTask', 'spawnTaker'],
    spawnTaker: ['spawnTaker', 'spawnTaker', 'sleep', 'cancel'],
    nextResult: ['nextResult', 'nextTask'],
    nextTask: ['nextResult', 'nextTask'],
  },
}

export const completionDrafts: Drafts<CompletionOperation> = {
  openCompletions: (hand, { task }) => ({
    completions: hand.fresh('completions'),
    tasks: hand.severalLater(task),
    ms: hand.random.pick([null, null, 1, 3, 8]),
  }),
  nextResult: (hand) => ({ completions: hand.known('completions') }),
  nextTask: (hand) => ({ completions: hand.known('completions') }),
  spawnTaker: (hand, place) => ({
    task: hand.newTask(place.task),
    body: [hand.operation(hand.random.pick(['nextResult', 'nextTask']), place)],
  }),
}

/** What `openCompletions` has made, by number. */
class Opened {
  readonly byNumber = new Map<number, Completions<number, Task<number>>>()
}

export const completionPlays: Plays<CompletionOperation> = {
  openCompletions({ stage }, { completions: id, tasks, ms }, me) {
    const others = atMostOneDone(stage.others(me, tasks))
    stage.state(Opened).byNumber.set(id, asCompleted(others, { timeout: ms }))
    return others
  },
  nextResult({ stage }, { completions: id }) {
    const opened = stage.state(Opened).byNumber.get(id)
    if (opened === undefined) return undefined
    const [next] = opened
    return next ?? ['end']
  },
  nextTask: ({ stage }, { completions: id }) => stage.state(Opened).byNumber.get(id)?.next(),
  spawnTaker({ stage, taskFunction }, { task, body }) {
    stage.tasks.set(task, createTask(taskFunction(task), task, body))
    return task
  },
}

/** In which order `as_completed` takes those that are done already is the order of a set: without all but the first. */
function atMostOneDone(tasks: readonly Task<number>[]): Task<number>[] {
  const [, ...rest] = tasks.filter((task) => task.done())
  return tasks.filter((task) => !rest.includes(task))
}
