/**
 * Locks, queues and channels against sequential models: programs of three tasks with three operations each under every schedule,
 * and random programs, as fast-check makes and shrinks them, under all schedules with up to two preemptions.
 */
import fc from 'fast-check'
import { exploreAll } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { channels } from './models/channels.ts'
import { gates } from './models/gates.ts'
import { type Model, type Op, type Program, programOf } from './models/model.ts'
import { queues } from './models/queues.ts'

const seed = Number(process.env.POLVO_PROOF_SEED ?? 1)
const factor = Number(process.env.POLVO_PROOF_FACTOR ?? 1)

const SPELLINGS = ['generator', 'async'] as const

/** `'put 1, get | cancel 0, put 2'` is two tasks with two operations each. */
function programFrom(text: string): Program {
  return text.split('|').map((task) =>
    task.split(',').map((op): Op => {
      const [kind = '', n = '0'] = op.trim().split(' ')
      return { kind, n: Number(n) }
    }),
  )
}

/** Small enough for all of their schedules: where tasks wait for each other there are fewer. */
const EXHAUSTIVE: Record<string, readonly string[]> = {
  gates: [
    'section, section, section | section, section, section | section, section, section',
    'section, try, section | try, section, try | section, cancel 0, section',
    'section, section, cancel 1 | section, section, cancel 2 | section, cancel 0, section',
    'section | section | cancel 0, section, cancel 1',
  ],
  queues: [
    'put 1, put 2, put 3 | get, get, get | put 4, get, put 5',
    'put 1, put 2, get | get, put 3, get | cancel 0, put 4, get',
    'put 1, put 2, put 3 | get, get, get | cancel 1, cancel 0, getNowait',
    'get, get, get | get, get | put 1, cancel 0, put 2',
    'put 1, putNowait 2, put 3 | getNowait, get, get | putNowait 4, shutdown, get',
    'get, put 1, shutdown | get, get, get | put 2, put 3, cancel 1',
  ],
  channels: [
    'send 1, send 2, send 3 | receive, receive, receive | send 4, receive, send 5',
    'send 1, send 2, receive | receive, send 3, receive | cancel 0, send 4, receive',
    'send 1, send 2, send 3 | receive, receive, receive | cancel 1, cancel 0, receive',
    'receive, receive | receive, receive | send 1, cancel 0, send 2',
    'send 1, send 2, close | receive, receive, receive | send 3, receive, receive',
  ],
}

/** Two who may be inside at once are the only ones that have more schedules: 20,000. */
const MANY = 4000

type AnyModel = Model<never, never>

const families = { gates, queues, channels } as unknown as Record<string, readonly AnyModel[]>

describe.each(Object.entries(families))('%s', (family, models) => {
  describe.each(models)('$name', (model) => {
    test.each(EXHAUSTIVE[family] as readonly string[])(
      'agrees with its model under every schedule: %s',
      { timeout: 60_000 },
      async (text) => {
        for (const spelling of SPELLINGS) {
          const main = programOf(model, programFrom(text), spelling)
          const { isComplete, runs } = await exploreAll(main, { maxRuns: MANY * factor })
          expect(isComplete || runs === MANY * factor).toBe(true)
        }
      },
    )

    test.each(EXHAUSTIVE[family] as readonly string[])(
      'agrees with its model with two preemptions, where tasks pause between operations: %s',
      { timeout: 60_000 },
      async (text) => {
        const main = programOf(model, programFrom(text), 'generator', true)
        expect((await exploreAll(main, { preemptions: 2 })).isComplete).toBe(true)
      },
    )

    test('agrees with its model in random programs', { timeout: 60_000 }, async () => {
      const kind = fc.constantFrom(...model.kinds, 'cancel')
      const op = fc.record({ kind, n: fc.nat({ max: 2 }) })
      const program = fc
        .array(fc.array(op, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 })
        .map(numbered)
      const agrees = async (program: Program, spelling: 'generator' | 'async') => {
        await exploreAll(programOf(model, program, spelling), { preemptions: 2, maxRuns: 60 })
      }
      await fc.assert(fc.asyncProperty(program, fc.constantFrom(...SPELLINGS), agrees), {
        seed,
        numRuns: 60 * factor,
      })
    })
  })
})

/** Each item that is put is another. */
function numbered(program: Program): Program {
  return program.map((ops, task) =>
    ops.map((op, i) => (op.kind === 'cancel' ? op : { ...op, n: task * 10 + i })),
  )
}
