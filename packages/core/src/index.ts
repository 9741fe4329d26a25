/** polvo: the runtime, for any platform. Every public name is exported here, or from one of the other three barrels. */
export { awaitable, type Call, call } from './coroutine/call.ts'
export { coroutine } from './coroutine/frame.ts'
export { type FromOptions, from } from './coroutine/from.ts'
export { fromCallback, type NodeCallback } from './coroutine/from-callback.ts'
export { type EventSource, fromEvent } from './coroutine/from-event.ts'
export { type DoneCallbackOptions, Future } from './coroutine/future.ts'
export { checkpoint, sleep } from './coroutine/sleep.ts'
export type {
  Awaitable,
  Checked,
  Coroutine,
  CustomAwaitable,
  Result,
  Startable,
  Suspension,
  Target,
} from './coroutine/types.ts'
export {
  BrokenBarrierError,
  BrokenResource,
  CancelledError,
  ClosedResource,
  EndOfChannel,
  IncompleteReadError,
  InvalidStateError,
  isCancelled,
  LimitOverrunError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  rethrowCancelled,
  TimeoutError,
} from './errors.ts'
export { type ErrorCondition, ExceptionGroup, exceptGroup } from './exception-group.ts'
export { Context, ContextVar, copyContext, type Token } from './loop/context.ts'
export type { ExceptionContext } from './loop/exception-handler.ts'
export type { Handle, TimerHandle } from './loop/handle.ts'
export { asyncGenerator, type Emit, type EmittingGenerator } from './queues/async-generator.ts'
export { channel, type Receiver, type Sender } from './queues/channel.ts'
export { type Compare, PriorityQueue } from './queues/priority-queue.ts'
export { LifoQueue, Queue } from './queues/queue.ts'
export {
  type AsCompletedOptions,
  asCompleted,
  type Completed,
  type Completions,
} from './structured/as-completed.ts'
export { type CancelScope, type CancelScopeOptions, cancelScope } from './structured/cancel-scope.ts'
export { cleanup } from './structured/cleanup.ts'
export { type GatherOptions, gather } from './structured/gather.ts'
export { type Interval, interval } from './structured/interval.ts'
export { type Limit, limit } from './structured/limit.ts'
export { type ConcurrencyOptions, forEach, map } from './structured/map.ts'
export { race } from './structured/race.ts'
export { type RetryOptions, retry } from './structured/retry.ts'
export { type ShieldOptions, shield } from './structured/shield.ts'
export type { Source, Stream } from './structured/source.ts'
export { type Started, TaskGroup, type TaskGroupOptions, taskGroup } from './structured/task-group.ts'
export { moveOnAfter, type Timeout, timeout, timeoutAt } from './structured/timeout.ts'
export {
  type Provide,
  type ProvidedResource,
  type Resource,
  resource,
  type SwallowingResource,
  type Usable,
  type UseOptions,
  use,
} from './structured/use.ts'
export {
  ALL_COMPLETED,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  type WaitOptions,
  wait,
} from './structured/wait.ts'
export { waitFor } from './structured/wait-for.ts'
export { withSignal } from './structured/with-signal.ts'
export { Barrier } from './sync/barrier.ts'
export { CapacityLimiter } from './sync/capacity-limiter.ts'
export { Condition } from './sync/condition.ts'
export { Event } from './sync/event.ts'
export type { Held } from './sync/held.ts'
export { Lock } from './sync/lock.ts'
export { RateLimiter, type RateLimiterOptions } from './sync/rate-limiter.ts'
export { BoundedSemaphore, Semaphore } from './sync/semaphore.ts'
export {
  type CallGraph,
  type CallGraphFrame,
  captureCallGraph,
  formatCallGraph,
  printCallGraph,
} from './tasks/call-graph.ts'
export { allTasks, createTask, currentTask, ensureFuture, type TaskOptions } from './tasks/create-task.ts'
export {
  type CallbackOptions,
  EventLoop,
  type ExceptionHandler,
  eagerTaskFactory,
  getRunningLoop,
  newEventLoop,
  type TaskFactory,
} from './tasks/event-loop.ts'
export type { Executor } from './tasks/executor.ts'
export { Runner, type RunnerOptions, type RunOptions, run } from './tasks/runner.ts'
export type { Task } from './tasks/task.ts'
