/** Plays a program in the generator spelling. `async.ts` is its twin; both say the same, operation by operation. */
import {
  type Awaitable,
  asCompleted,
  type Call,
  type Coroutine,
  createTask,
  ExceptionGroup,
  gather,
  isCancelled,
  shield,
  sleep,
  TimeoutError,
  taskGroup,
  timeoutAt,
  use,
  wait,
  waitFor,
} from 'polvo'
import { type Body, durationOf, type Operation, type OperationOf, type Program } from './program.ts'
import {
  Boom,
  limitOf,
  nameOf,
  PASSES,
  ROUNDS,
  type ScopeBody,
  type Stage,
  type TaskFunction,
} from './stage.ts'

/** What is done to every generator function: `coroutine`, or nothing. */
export type Mark = <F extends (...args: never[]) => Generator<unknown, unknown, unknown>>(fn: F) => F

/** How the parts of a program call each other. Where they are mixed, the other spelling may answer. */
export interface GeneratorCalls {
  block(me: number, body: Body): Coroutine | Call<void>
  perform(me: number, operation: Operation): Coroutine | Call<void>
  taskFunction(id: number): TaskFunction
  newTask(id: number, body: Body): Coroutine<number> | Call<number>
  bodyOf<S>(me: number, body: Body, enter: (scope: S) => void): ScopeBody<S>
}

/** @param calls where not every call is to be answered in this spelling */
export function inGenerators(stage: Stage, mark: Mark, calls?: GeneratorCalls) {
  const main = mark(function* (program: Program): Coroutine {
    stage.tasks.set(0, createTask(to.taskFunction(0), 0, program.body))
    for (let round = 1; round <= ROUNDS; round++) {
      for (let pass = 0; pass < PASSES && !stage.allDone(); pass++) {
        stage.now++
        yield* sleep(0)
      }
      if (stage.allDone()) break
      stage.cancelFromOutside(round)
    }
    stage.noteOutcomes()
  })

  const task = mark(function* (id: number, body: Body): Coroutine<number> {
    stage.enter(id)
    stage.noteTask(id, 'starts')
    try {
      yield* to.block(id, body)
    } catch (error) {
      stage.noteTask(id, 'fails', nameOf(error))
      throw error
    }
    stage.noteTask(id, 'ends')
    return id
  })

  const block = mark(function* (me: number, body: Body): Coroutine {
    for (const operation of body) yield* to.perform(me, operation)
  })

  const perform = mark(function* (me: number, operation: Operation): Coroutine {
    switch (operation.do) {
      case 'sleep':
        for (let i = 0; i < operation.times; i++) yield* sleep(0)
        return stage.note(me, operation)
      case 'sleepFor':
        yield* sleep(durationOf(operation))
        return stage.note(me, operation)
      case 'fail':
        stage.note(me, operation)
        throw new Boom(operation)

      case 'cancel':
        return stage.cancel(me, operation)
      case 'cancelLater':
        return stage.cancelLater(me, operation)
      case 'cancelSelf':
        return stage.cancelSelf(me, operation)
      case 'await':
        return yield* awaitOther(me, operation)
      case 'shield':
        return yield* shieldOther(me, operation)
      case 'waitFor':
        return yield* waitForOther(me, operation)
      case 'gather':
        return yield* gatherOthers(me, operation)
      case 'wait':
        return yield* waitForSome(me, operation)

      case 'put':
        yield* stage.queues[operation.queue]!.put(me)
        return stage.note(me, operation)
      case 'get':
        return stage.note(me, operation, yield* stage.queues[operation.queue]!.get())
      case 'taskDone':
        return stage.taskDone(me, operation)
      case 'join':
        yield* stage.queues[operation.queue]!.join()
        return stage.note(me, operation)
      case 'shutdown':
        return stage.shutdown(me, operation)
      case 'waitBarrier':
        return stage.note(me, operation, yield* stage.barrier.wait())
      case 'resetBarrier':
        yield* stage.barrier.reset()
        return stage.note(me, operation)
      case 'abortBarrier':
        yield* stage.barrier.abort()
        return stage.note(me, operation)
      case 'setVar':
        return stage.setVar(me, operation)
      case 'getVar':
        return stage.getVar(me, operation)
      case 'asCompleted':
        return yield* awaitAsCompleted(me, operation)
      case 'waitEvent':
        yield* stage.event.wait()
        return stage.note(me, operation)
      case 'toggleEvent':
        return stage.toggleEvent(me, operation)
      case 'waitCondition':
        return yield* waitForNotice(me, operation)
      case 'notify':
        return yield* notify(me, operation)
      case 'lock':
        return yield* withLock(me, operation)
      case 'semaphore':
        return yield* withPermit(me, operation)

      case 'spawn':
        return stage.spawn(me, operation, to.taskFunction(operation.task))
      case 'gatherNew':
        return yield* gatherNew(me, operation)
      case 'shieldNew':
        return yield* shieldNew(me, operation)

      case 'call':
        return yield* to.block(me, operation.body)
      case 'try':
        return yield* tryAndCatch(me, operation)
      case 'finally':
        return yield* tryAndCleanUp(me, operation)
      case 'group':
        return yield* inGroup(me, operation)
      case 'timeout':
        return yield* inTimeout(me, operation)
      case 'reschedule':
        return stage.reschedule(me, operation)
    }
  })

  // ---------------------------------------------------------------- other tasks

  const noteResult = mark(function* (
    me: number,
    operation: Operation,
    awaitable: Awaitable<unknown>,
  ): Coroutine {
    try {
      stage.noteResult(me, operation, yield* awaitable)
    } catch (error) {
      stage.noteFailure(me, operation, error)
    }
  })

  const awaitOther = mark(function* (me: number, operation: OperationOf<'await'>): Coroutine {
    const other = stage.other(me, operation.task)
    if (other !== undefined) yield* noteResult(me, operation, other)
  })

  const shieldOther = mark(function* (me: number, operation: OperationOf<'shield'>): Coroutine {
    const other = stage.other(me, operation.task)
    if (other !== undefined) yield* noteResult(me, operation, shield(other))
  })

  const waitForOther = mark(function* (me: number, operation: OperationOf<'waitFor'>): Coroutine {
    const other = stage.other(me, operation.task)
    if (other !== undefined)
      yield* noteResult(me, operation, waitFor(other, operation.after === 0 ? 0 : durationOf(operation)))
  })

  const gatherOthers = mark(function* (me: number, operation: OperationOf<'gather'>): Coroutine {
    const { tasks, returnExceptions } = operation
    yield* noteResult(me, operation, gather({ returnExceptions }, ...stage.others(me, tasks)))
  })

  const gatherNew = mark(function* (me: number, operation: OperationOf<'gatherNew'>): Coroutine {
    const { children, returnExceptions } = operation
    const coroutines = children.map(({ task, body }) => to.newTask(task, body))
    yield* noteResult(me, operation, gather({ returnExceptions }, ...coroutines))
  })

  const shieldNew = mark(function* (me: number, operation: OperationOf<'shieldNew'>): Coroutine {
    const { task, body } = operation.child
    yield* noteResult(me, operation, shield(to.newTask(task, body)))
  })

  const waitForSome = mark(function* (me: number, operation: OperationOf<'wait'>): Coroutine {
    const others = stage.others(me, operation.tasks)
    if (others.length === 0) return
    stage.noteSets(
      me,
      operation,
      yield* wait(others, { returnWhen: operation.returnWhen, timeout: limitOf(operation) }),
    )
  })

  const awaitAsCompleted = mark(function* (me: number, operation: OperationOf<'asCompleted'>): Coroutine {
    const others = stage.toComplete(me, operation.tasks)
    for (const next of asCompleted(others, { timeout: limitOf(operation) }))
      yield* noteResult(me, operation, next)
  })

  // ---------------------------------------------------------------- what tasks share

  const waitForNotice = mark(function* (me: number, operation: Operation): Coroutine {
    const { condition } = stage
    yield* condition.acquire()
    try {
      stage.note(me, operation, 'waits')
      yield* condition.wait()
      stage.note(me, operation, 'woken')
    } finally {
      condition.release()
    }
  })

  const notify = mark(function* (me: number, operation: OperationOf<'notify'>): Coroutine {
    yield* use(stage.condition, () => {
      stage.condition.notify(operation.count)
      stage.note(me, operation)
    })
  })

  const withLock = mark(function* (me: number, operation: OperationOf<'lock'>): Coroutine {
    const inside = to.bodyOf(me, operation.body, () => stage.note(me, operation, 'in'))
    yield* use(stage.lock, inside)
    stage.note(me, operation, 'out')
  })

  const withPermit = mark(function* (me: number, operation: OperationOf<'semaphore'>): Coroutine {
    const semaphore = stage.semaphores[operation.semaphore]!
    yield* semaphore.acquire()
    try {
      stage.note(me, operation, 'in')
      yield* to.block(me, operation.body)
    } finally {
      semaphore.release()
    }
    stage.note(me, operation, 'out')
  })

  // ---------------------------------------------------------------- structure

  const tryAndCatch = mark(function* (me: number, operation: OperationOf<'try'>): Coroutine {
    try {
      yield* to.block(me, operation.body)
    } catch (error) {
      stage.note(me, operation, nameOf(error))
      if (!isCancelled(error)) return
      yield* to.block(me, operation.handler)
      if (operation.onCancel === 'rethrow') throw error
      if (operation.onCancel === 'fail') throw new Boom(operation)
    }
  })

  const tryAndCleanUp = mark(function* (me: number, operation: OperationOf<'finally'>): Coroutine {
    try {
      yield* to.block(me, operation.body)
    } finally {
      stage.note(me, operation, 'begins')
      yield* to.block(me, operation.cleanUp)
      stage.note(me, operation, 'done')
    }
  })

  const inGroup = mark(function* (me: number, operation: OperationOf<'group'>): Coroutine {
    const inside = to.bodyOf(me, operation.body, stage.openGroup(operation))
    try {
      yield* taskGroup(inside)
      stage.note(me, operation, 'over')
    } catch (error) {
      if (!(error instanceof ExceptionGroup)) throw error
      stage.note(me, operation, nameOf(error))
    }
  })

  const inTimeout = mark(function* (me: number, operation: OperationOf<'timeout'>): Coroutine {
    if (operation.limit !== 'never') yield* sleep(0)
    const inside = to.bodyOf(me, operation.body, stage.openTimeout(operation))
    try {
      yield* timeoutAt(stage.deadlineOf(operation), inside)
      stage.noteTimeout(me, operation, 'over')
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      stage.noteTimeout(me, operation, nameOf(error))
    }
  })

  /** The function that a scope is given to run. */
  function bodyOf<S>(me: number, body: Body, enter: (scope: S) => void) {
    return mark(function* (scope: S): Coroutine {
      enter(scope)
      yield* to.block(me, body)
    })
  }

  const own = { main, task, block, perform, bodyOf, newTask: task, taskFunction: () => task }
  const to: GeneratorCalls = calls ?? own
  return own
}
