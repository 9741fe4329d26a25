import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WorkerCrashed } from '../src/errors.ts'
import { Job } from '../src/job.ts'
import type { ToWorker } from '../src/messages.ts'
import type { PoolWorker, WorkerListener } from '../src/pool-worker.ts'
import { Seat } from '../src/seat.ts'

const ENDED = { exitCode: 1, signal: null, error: undefined }

/** A seat with a worker that does nothing by itself; what happens to both is written down. */
function seatWithFake() {
  const log: string[] = []
  let listener: WorkerListener | undefined
  const worker: PoolWorker = {
    description: 'fake',
    post: (message: ToWorker) => log.push('id' in message ? `${message.kind} ${message.id}` : message.kind),
    setFlag: (id) => log.push(`flag ${id}`),
    kill: () => log.push('kill'),
    ref: () => {},
    unref: () => {},
  }
  const owner = {
    seatIsFree: () => log.push('free'),
    seatIsGone: (_: Seat, ending: unknown) => log.push(ending === null ? 'gone' : 'gone unasked'),
  }
  const seat = new Seat(owner, (given) => {
    listener = given
    return worker
  })
  return { seat, log, listener: listener as WorkerListener }
}

function newJob(): Job {
  return new Job({ text: '() => 1', label: 'fake()' }, [], null)
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a job goes from waiting to running to over', () => {
  const { seat, log, listener } = seatWithFake()
  const job = newJob()
  expect(job.state).toBe('waiting')
  seat.begin(job)
  expect(job.state).toBe('running')
  listener.onReply({ id: 1, kind: 'result', value: 42 })
  expect([job.state, job.future.result()]).toEqual(['over', 42])
  expect(log).toEqual(['work 1', 'free'])
})

test('a job that is stopped and answers in time leaves its worker as it is', () => {
  const { seat, log, listener } = seatWithFake()
  const job = newJob()
  seat.begin(job)
  job.future.cancel()
  seat.stopJob(100)
  expect(job.state).toBe('stopping')
  listener.onReply({ id: 1, kind: 'cancelled' })
  vi.advanceTimersByTime(1000)
  expect(job.state).toBe('over')
  expect(log).toEqual(['work 1', 'flag 1', 'cancel 1', 'free'])
})

test('a worker that was killed gets no other job, though its answer arrives', () => {
  const { seat, log, listener } = seatWithFake()
  const job = newJob()
  seat.begin(job)
  job.future.cancel()
  seat.stopJob(100)
  vi.advanceTimersByTime(100)
  listener.onReply({ id: 1, kind: 'cancelled' })
  expect(job.state).toBe('stopping')
  listener.onEnd(ENDED)
  expect(job.state).toBe('over')
  expect(log).toEqual(['work 1', 'flag 1', 'cancel 1', 'kill', 'gone'])
})

test('a worker that ends in the middle of a job fails it', () => {
  const { seat, log, listener } = seatWithFake()
  const job = newJob()
  seat.begin(job)
  listener.onEnd(ENDED)
  expect(job.state).toBe('over')
  expect(job.future.exception()).toBeInstanceOf(WorkerCrashed)
  expect(log).toEqual(['work 1', 'gone'])
})

test('an answer to an earlier job is no answer', () => {
  const { seat, listener } = seatWithFake()
  seat.begin(newJob())
  listener.onReply({ id: 1, kind: 'result', value: 1 })
  const second = newJob()
  seat.begin(second)
  listener.onReply({ id: 1, kind: 'result', value: 1 })
  expect(second.state).toBe('running')
})

test('a worker that is dismissed and does not go is killed', () => {
  const { seat, log, listener } = seatWithFake()
  seat.dismiss(100)
  vi.advanceTimersByTime(100)
  listener.onEnd(ENDED)
  expect(log).toEqual(['end', 'kill', 'gone'])
})

test('a worker that ends between two jobs is reported', () => {
  const { log, listener } = seatWithFake()
  listener.onEnd(ENDED)
  expect(log).toEqual(['gone unasked'])
})
