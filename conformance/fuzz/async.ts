/** Plays a program in the async spelling. `generator.ts` is its twin; both say the same, operation by operation. */
import {
  type Awaitable,
  asCompleted,
  type Call,
  call,
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

/** How the parts of a program call each other. Where they are mixed, the other spelling may answer. */
export interface AsyncCalls {
  block(me: number, body: Body): Promise<void> | Call<void>
  perform(me: number, operation: Operation): Promise<void> | Call<void>
  taskFunction(id: number): TaskFunction
  newTask(id: number, body: Body): Call<number>
  bodyOf<S>(me: number, body: Body, enter: (scope: S) => void): ScopeBody<S>
}

/** @param calls where not every call is to be answered in this spelling */
export function inAsyncFunctions(stage: Stage, calls?: AsyncCalls) {
  async function main(program: Program): Promise<void> {
    stage.tasks.set(0, createTask(to.taskFunction(0), 0, program.body))
    for (let round = 1; round <= ROUNDS; round++) {
      for (let pass = 0; pass < PASSES && !stage.allDone(); pass++) {
        stage.now++
        await sleep(0)
      }
      if (stage.allDone()) break
      stage.cancelFromOutside(round)
    }
    stage.noteOutcomes()
  }

  async function task(id: number, body: Body): Promise<number> {
    stage.enter(id)
    stage.noteTask(id, 'starts')
    try {
      await to.block(id, body)
    } catch (error) {
      stage.noteTask(id, 'fails', nameOf(error))
      throw error
    }
    stage.noteTask(id, 'ends')
    return id
  }

  async function block(me: number, body: Body): Promise<void> {
    for (const operation of body) await to.perform(me, operation)
  }

  async function perform(me: number, operation: Operation): Promise<void> {
    switch (operation.do) {
      case 'sleep':
        for (let i = 0; i < operation.times; i++) await sleep(0)
        return stage.note(me, operation)
      case 'sleepFor':
        await sleep(durationOf(operation))
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
        return await awaitOther(me, operation)
      case 'shield':
        return await shieldOther(me, operation)
      case 'waitFor':
        return await waitForOther(me, operation)
      case 'gather':
        return await gatherOthers(me, operation)
      case 'wait':
        return await waitForSome(me, operation)

      case 'put':
        await stage.queues[operation.queue]!.put(me)
        return stage.note(me, operation)
      case 'get':
        return stage.note(me, operation, await stage.queues[operation.queue]!.get())
      case 'taskDone':
        return stage.taskDone(me, operation)
      case 'join':
        await stage.queues[operation.queue]!.join()
        return stage.note(me, operation)
      case 'shutdown':
        return stage.shutdown(me, operation)
      case 'waitBarrier':
        return stage.note(me, operation, await stage.barrier.wait())
      case 'resetBarrier':
        await stage.barrier.reset()
        return stage.note(me, operation)
      case 'abortBarrier':
        await stage.barrier.abort()
        return stage.note(me, operation)
      case 'setVar':
        return stage.setVar(me, operation)
      case 'getVar':
        return stage.getVar(me, operation)
      case 'asCompleted':
        return await awaitAsCompleted(me, operation)
      case 'waitEvent':
        await stage.event.wait()
        return stage.note(me, operation)
      case 'toggleEvent':
        return stage.toggleEvent(me, operation)
      case 'waitCondition':
        return await waitForNotice(me, operation)
      case 'notify':
        return await notify(me, operation)
      case 'lock':
        return await withLock(me, operation)
      case 'semaphore':
        return await withPermit(me, operation)

      case 'spawn':
        return stage.spawn(me, operation, to.taskFunction(operation.task))
      case 'gatherNew':
        return await gatherNew(me, operation)
      case 'shieldNew':
        return await shieldNew(me, operation)

      case 'call':
        return await to.block(me, operation.body)
      case 'try':
        return await tryAndCatch(me, operation)
      case 'finally':
        return await tryAndCleanUp(me, operation)
      case 'group':
        return await inGroup(me, operation)
      case 'timeout':
        return await inTimeout(me, operation)
      case 'reschedule':
        return stage.reschedule(me, operation)
    }
  }

  // ---------------------------------------------------------------- other tasks

  async function noteResult(me: number, operation: Operation, awaitable: Awaitable<unknown>): Promise<void> {
    try {
      stage.noteResult(me, operation, await awaitable)
    } catch (error) {
      stage.noteFailure(me, operation, error)
    }
  }

  async function awaitOther(me: number, operation: OperationOf<'await'>): Promise<void> {
    const other = stage.other(me, operation.task)
    if (other !== undefined) await noteResult(me, operation, other)
  }

  async function shieldOther(me: number, operation: OperationOf<'shield'>): Promise<void> {
    const other = stage.other(me, operation.task)
    if (other !== undefined) await noteResult(me, operation, shield(other))
  }

  async function waitForOther(me: number, operation: OperationOf<'waitFor'>): Promise<void> {
    const other = stage.other(me, operation.task)
    if (other !== undefined)
      await noteResult(me, operation, waitFor(other, operation.after === 0 ? 0 : durationOf(operation)))
  }

  async function gatherOthers(me: number, operation: OperationOf<'gather'>): Promise<void> {
    const { tasks, returnExceptions } = operation
    await noteResult(me, operation, gather({ returnExceptions }, ...stage.others(me, tasks)))
  }

  async function gatherNew(me: number, operation: OperationOf<'gatherNew'>): Promise<void> {
    const { children, returnExceptions } = operation
    const coroutines = children.map(({ task, body }) => to.newTask(task, body))
    await noteResult(me, operation, gather({ returnExceptions }, ...coroutines))
  }

  async function shieldNew(me: number, operation: OperationOf<'shieldNew'>): Promise<void> {
    const { task, body } = operation.child
    await noteResult(me, operation, shield(to.newTask(task, body)))
  }

  async function waitForSome(me: number, operation: OperationOf<'wait'>): Promise<void> {
    const others = stage.others(me, operation.tasks)
    if (others.length === 0) return
    stage.noteSets(
      me,
      operation,
      await wait(others, { returnWhen: operation.returnWhen, timeout: limitOf(operation) }),
    )
  }

  async function awaitAsCompleted(me: number, operation: OperationOf<'asCompleted'>): Promise<void> {
    const others = stage.toComplete(me, operation.tasks)
    for (const next of asCompleted(others, { timeout: limitOf(operation) }))
      await noteResult(me, operation, next)
  }

  // ---------------------------------------------------------------- what tasks share

  async function waitForNotice(me: number, operation: Operation): Promise<void> {
    const { condition } = stage
    await condition.acquire()
    try {
      stage.note(me, operation, 'waits')
      await condition.wait()
      stage.note(me, operation, 'woken')
    } finally {
      condition.release()
    }
  }

  async function notify(me: number, operation: OperationOf<'notify'>): Promise<void> {
    await use(stage.condition, () => {
      stage.condition.notify(operation.count)
      stage.note(me, operation)
    })
  }

  async function withLock(me: number, operation: OperationOf<'lock'>): Promise<void> {
    const inside = to.bodyOf(me, operation.body, () => stage.note(me, operation, 'in'))
    await use(stage.lock, inside)
    stage.note(me, operation, 'out')
  }

  async function withPermit(me: number, operation: OperationOf<'semaphore'>): Promise<void> {
    const semaphore = stage.semaphores[operation.semaphore]!
    await semaphore.acquire()
    try {
      stage.note(me, operation, 'in')
      await to.block(me, operation.body)
    } finally {
      semaphore.release()
    }
    stage.note(me, operation, 'out')
  }

  // ---------------------------------------------------------------- structure

  async function tryAndCatch(me: number, operation: OperationOf<'try'>): Promise<void> {
    try {
      await to.block(me, operation.body)
    } catch (error) {
      stage.note(me, operation, nameOf(error))
      if (!isCancelled(error)) return
      await to.block(me, operation.handler)
      if (operation.onCancel === 'rethrow') throw error
      if (operation.onCancel === 'fail') throw new Boom(operation)
    }
  }

  async function tryAndCleanUp(me: number, operation: OperationOf<'finally'>): Promise<void> {
    try {
      await to.block(me, operation.body)
    } finally {
      stage.note(me, operation, 'begins')
      await to.block(me, operation.cleanUp)
      stage.note(me, operation, 'done')
    }
  }

  async function inGroup(me: number, operation: OperationOf<'group'>): Promise<void> {
    const inside = to.bodyOf(me, operation.body, stage.openGroup(operation))
    try {
      await taskGroup(inside)
      stage.note(me, operation, 'over')
    } catch (error) {
      if (!(error instanceof ExceptionGroup)) throw error
      stage.note(me, operation, nameOf(error))
    }
  }

  async function inTimeout(me: number, operation: OperationOf<'timeout'>): Promise<void> {
    if (operation.limit !== 'never') await sleep(0)
    const inside = to.bodyOf(me, operation.body, stage.openTimeout(operation))
    try {
      await timeoutAt(stage.deadlineOf(operation), inside)
      stage.noteTimeout(me, operation, 'over')
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      stage.noteTimeout(me, operation, nameOf(error))
    }
  }

  /** The function that a scope is given to run. */
  function bodyOf<S>(me: number, body: Body, enter: (scope: S) => void) {
    return async (scope: S): Promise<void> => {
      enter(scope)
      await to.block(me, body)
    }
  }

  function newTask(id: number, body: Body): Call<number> {
    return call(task, id, body)
  }

  const own = { main, task, block, perform, bodyOf, newTask, taskFunction: () => task }
  const to: AsyncCalls = calls ?? own
  return own
}
