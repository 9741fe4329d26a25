/** Tasks whose first step is taken on the spot. */
import { createTask } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import type { Body, Op } from '../program.ts'

export type EagerOperation = Op<'spawnEager', { task: number; into: number | null; body: Body }>

export const eager: Family = { simple: {}, compound: { spawnEager: 24 } }

export const eagerDrafts: Drafts<EagerOperation> = { spawnEager: (hand, place) => hand.spawned(place) }

export const eagerPlays: Plays<EagerOperation> = {
  spawnEager({ stage, eagerTaskFunction }, { task, into, body }) {
    const owner = into === null ? undefined : stage.groups.get(into)
    const fn = eagerTaskFunction(task, body)
    const options = { eager: true }
    const outer = stage.isInFirstStep
    stage.isInFirstStep = true
    try {
      stage.tasks.set(
        task,
        owner === undefined ? createTask(options, fn, task, body) : owner.createTask(options, fn, task, body),
      )
    } finally {
      stage.isInFirstStep = outer
    }
    return task
  },
}
