/** polvo/testing: virtual time, schedules, cancellations and faults, for tests of programs that use polvo. */
export { DeadlockError } from './testing/deadlock.ts'
export type { Ended, FaultRecord } from './testing/exchange.ts'
export {
  type FaultProxy,
  type FaultProxyOptions,
  type FaultProxyStats,
  type FaultProxyTarget,
  faultProxy,
} from './testing/fault-proxy.ts'
export type { Fault, FaultAction, FaultKind, TransientFault } from './testing/faults.ts'
export { runVirtual, type VirtualOptions } from './testing/run-virtual.ts'
