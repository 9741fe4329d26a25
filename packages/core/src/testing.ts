/** polvo/testing: virtual time, schedules, cancellations and faults, for tests of programs that use polvo. */
export { type CancelPoint, type Disturbance, PlantedError } from './testing/cancel-point.ts'
export {
  CancelSweepError,
  cancelAtEveryCheckpoint,
  type Sweep,
  type SweepOptions,
  type SweptRun,
} from './testing/cancel-sweep.ts'
export { assertCheckpoints, assertNoCheckpoints, CheckpointError } from './testing/checkpoints.ts'
export { DeadlockError } from './testing/deadlock.ts'
export type { Ended, FaultRecord } from './testing/exchange.ts'
export { type Exploration, ScheduleError } from './testing/exploration.ts'
export {
  type ExploreAllOptions,
  type ExploreOptions,
  explore,
  exploreAll,
} from './testing/explore.ts'
export {
  type FaultProxy,
  type FaultProxyOptions,
  type FaultProxyStats,
  type FaultProxyTarget,
  faultProxy,
} from './testing/fault-proxy.ts'
export type { Fault, FaultAction, FaultKind, TransientFault } from './testing/faults.ts'
export { type LeakCheck, type LeakCheckOptions, leakCheck } from './testing/leak-check.ts'
export {
  checkLinearizable,
  History,
  NotLinearizableError,
  type RecordedOperation,
  type SequentialSpec,
} from './testing/linearizable.ts'
export type { LinkOptions } from './testing/memory-link.ts'
export {
  type MemoryHandler,
  type MemoryNetwork,
  type MemoryServer,
  type MemoryStreamOptions,
  type MemoryStreamPair,
  memoryNetwork,
  memoryStreamPair,
} from './testing/memory-network.ts'
export { type Interleaving, replay } from './testing/replay.ts'
export { runVirtual, type VirtualOptions } from './testing/run-virtual.ts'
export {
  type Program,
  ReportedError,
  type ScheduledOptions,
  TooManyStepsError,
} from './testing/scheduled-run.ts'
export { Sequencer } from './testing/sequencer.ts'
export { settle } from './testing/settle.ts'
export type { Strategy } from './testing/strategies.ts'
export { LeftBehindError, type Watch } from './testing/watch.ts'
