/**
 * Seeded runs of one scenario: a statement, or a transaction, is cancelled in a certain state of the protocol, while another
 * statement stands in line behind it for the same connection. That one must get its own answer; of the cancelled
 * transaction, what was acknowledged must be there, and nothing else.
 *
 * It uses no test framework, so that it runs with other sources of the package as well.
 */
import pg from 'pg'
import { call, createTask, isCancelled, run, type Task, use } from 'polvo'
import { type Fault, type FaultProxy, faultProxy } from 'polvo/testing'
import type { createPool, Pool } from '../../src/index.ts'
import { type Phase, WireTap } from './wire-tap.ts'

export const STATES = ['queued', 'connecting', 'sent', 'between', 'after', 'begin', 'commit'] as const
export type State = (typeof STATES)[number]

export interface Report {
  /** How many cancellations struck in which state. */
  readonly histogram: Record<State, number>
  /** How many were too late: all was over. */
  tooLate: number
  /** What should never be. */
  readonly violations: string[]
  /** Transactions that were acknowledged although their task was cancelled while they committed. */
  committed: number
}

interface Options {
  readonly createPool: typeof createPool
  /** Where the server listens, on 127.0.0.1. */
  readonly port: number
  readonly runs: number
  /** Numbers from 0 to 1. */
  readonly chance: () => number
  /** Stop early, once there are so many violations. */
  readonly stopAfter?: number
}

/** What happens to the connections of some runs; those of cancel requests among them, which then arrive late. */
const FAULTS: readonly Fault[][] = [
  [],
  [],
  [{ kind: 'throttle', bytesPerSecond: 1_000_000, probability: 1 }],
  [{ kind: 'delay', ms: [0, 10], probability: 1 }],
]

/** In each statement, so that the tap knows whose it is. */
const tag = (mark: number) => `/* ${mark} */`

/** Statements that stay for a while where the name says. */
const VICTIMS: Readonly<Record<string, string>> = {
  queued: 'select $1::int as mark',
  connecting: 'select $1::int as mark',
  sent: 'select $1::int as mark, pg_sleep(0.004)',
  between: `select $1::int as mark, repeat('x', 9000), case when g > 1 then pg_sleep(0.002) end from generate_series(1, 3) g`,
  after: 'select $1::int as mark',
}

export async function cancelRuns(options: Options): Promise<Report> {
  const report: Report = {
    histogram: Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>,
    tooLate: 0,
    violations: [],
    committed: 0,
  }
  const outside = new pg.Client({
    host: '127.0.0.1',
    port: options.port,
    user: 'polvo',
    database: 'postgres',
  })
  await outside.connect()
  await outside.query('create table if not exists acknowledged (mark int)')
  await outside.query('truncate acknowledged')
  const proxy = await faultProxy({ target: { port: options.port } })
  using tap = new WireTap()
  try {
    const runs = new Runs(options, report, proxy, tap)
    await run(async () => {
      await runs.all()
    })
    const { rows } = await outside.query('select mark from acknowledged order by mark')
    const stored = rows.map(({ mark }) => mark as number)
    const acknowledged = [...runs.acknowledged].sort((a, b) => a - b)
    if (String(stored) !== String(acknowledged)) {
      report.violations.push(`acknowledged were ${acknowledged}, and there are ${stored}`)
    }
    const left = await sessionsLeft(outside)
    if (left > 0) report.violations.push(`${left} sessions are left on the server`)
  } finally {
    await proxy.close()
    await outside.end()
  }
  return report
}

/** Sessions other than our own, after the server had a moment to end them. */
async function sessionsLeft(outside: pg.Client): Promise<number> {
  for (let tries = 0; ; tries++) {
    const { rows } = await outside.query(
      "select count(*)::int as count from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    const count = rows[0].count as number
    if (count === 0 || tries === 50) return count
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

class Runs {
  readonly acknowledged = new Set<number>()
  readonly #options: Options
  readonly #report: Report
  readonly #proxy: FaultProxy
  readonly #tap: WireTap

  constructor(options: Options, report: Report, proxy: FaultProxy, tap: WireTap) {
    this.#options = options
    this.#report = report
    this.#proxy = proxy
    this.#tap = tap
  }

  /** Fifty runs share a pool of one connection, so that one that was left dirty is found by the next. */
  async all(): Promise<void> {
    const { runs, chance, stopAfter = Number.POSITIVE_INFINITY } = this.#options
    for (let from = 0; from < runs && this.#report.violations.length < stopAfter; from += 50) {
      this.#proxy.setFaults(FAULTS[Math.floor(chance() * FAULTS.length)] as Fault[])
      await use(this.#newPool(), async (pool) => {
        for (let mark = from; mark < Math.min(runs, from + 50); mark++) {
          const state = STATES[Math.floor(chance() * STATES.length)] as State
          if (state === 'connecting') await use(this.#newPool(), (fresh) => this.#one(fresh, state, mark))
          else await this.#one(pool, state, mark)
        }
      })
    }
  }

  #newPool(): Pool {
    const { createPool } = this.#options
    const dsn = `postgres://polvo@127.0.0.1:${this.#proxy.port}/postgres`
    return createPool({ dsn, max: 1, cancelTimeout: 2000, acquireTimeout: 4000 })
  }

  async #one(pool: Pool, state: State, mark: number): Promise<void> {
    const blocker = state === 'queued' ? createTask(runStatement, pool, 'select pg_sleep(0.003)', []) : null
    const isTransaction = state === 'begin' || state === 'commit'
    const victim = isTransaction
      ? createTask(insertMark, pool, mark, this.acknowledged)
      : createTask(runStatement, pool, `${tag(mark)} ${VICTIMS[state]}`, [mark])
    const next = createTask(runStatement, pool, 'select $1::int as mark, pg_sleep(0.001)', [-mark])
    const struck = this.#strike(victim, state, mark)
    const outcome = await call(outcomeOf, victim)
    this.#count(await struck)
    if (isCancelled(outcome) && this.acknowledged.has(mark)) this.#report.committed++
    this.#judgeVictim(outcome, isTransaction, mark)
    const answer = await call(outcomeOf, next)
    if (!isOf(answer, -mark)) this.#violation(mark, state, 'the next one got', answer)
    if (blocker !== null) await call(outcomeOf, blocker)
    if (pool.waiting > 0) this.#violation(mark, state, 'in line are still', pool.waiting)
  }

  /** Cancel `victim` once it is in `state`: at once, or a little later, when it may be in another one. Returns in which it was. */
  #strike(victim: Task<unknown>, state: State, mark: number): Promise<State | 'over'> {
    const { chance } = this.#options
    const delay = state === 'after' || chance() < 0.4 ? 0 : chance() * 3
    return new Promise((resolve) => {
      const strike = () => {
        this.#tap.onChange = () => {}
        resolve(victim.done() ? 'over' : this.#stateOf(mark))
        victim.cancel()
      }
      const look = () => {
        if (!victim.done() && this.#stateOf(mark) !== state) return
        this.#tap.onChange = () => {}
        if (delay === 0) strike()
        else setTimeout(strike, delay)
      }
      this.#tap.onChange = look
      victim.addDoneCallback(look)
      if (state === 'queued') look()
    })
  }

  #stateOf(mark: number): State {
    const { text, phase } = this.#tap
    if (phase === 'connecting') return 'connecting'
    if (text === 'begin' || text === 'commit') return text
    if (!text.includes(tag(mark))) return 'queued'
    return ({ sent: 'sent', rows: 'between', ready: 'after' } as const)[phase as Exclude<Phase, 'connecting'>]
  }

  #count(state: State | 'over'): void {
    if (state === 'over') this.#report.tooLate++
    else this.#report.histogram[state]++
  }

  #judgeVictim(outcome: unknown, isTransaction: boolean, mark: number): void {
    if (isCancelled(outcome)) return
    if (outcome instanceof Error)
      return this.#violation(mark, 'victim', 'the cancelled one failed with', outcome)
    if (isTransaction || isOf(outcome, mark)) return
    this.#violation(mark, 'victim', 'the cancelled one got', outcome)
  }

  #violation(mark: number, state: string, what: string, value: unknown): void {
    const shown = value instanceof Error ? `${value.name}: ${value.message}` : JSON.stringify(value)
    this.#report.violations.push(`run ${mark}, ${state}: ${what} ${shown}`)
  }
}

async function runStatement(pool: Pool, text: string, params: unknown[]): Promise<unknown> {
  return (await pool.query(text, params)).rows
}

/** A transaction that returns is acknowledged, also where the task is cancelled at what it does next. */
async function insertMark(pool: Pool, mark: number, acknowledged: Set<number>): Promise<void> {
  await pool.transaction(async (transaction) => {
    await transaction.query(`${tag(mark)} insert into acknowledged values ($1)`, [mark])
  })
  acknowledged.add(mark)
}

function isOf(rows: unknown, mark: number): boolean {
  return Array.isArray(rows) && rows.length > 0 && rows.every((row) => row.mark === mark)
}

function* outcomeOf(task: Task<unknown>) {
  try {
    return yield* task
  } catch (error) {
    return error
  }
}
