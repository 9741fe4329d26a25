/** polvo/testing: virtual time and faults, for tests of programs that use polvo. */
export type { Ended, FaultRecord } from './testing/exchange.ts'
export {
  type FaultProxy,
  type FaultProxyOptions,
  type FaultProxyStats,
  type FaultProxyTarget,
  faultProxy,
} from './testing/fault-proxy.ts'
export type { Fault, FaultAction, FaultKind, TransientFault } from './testing/faults.ts'
export { runVirtual } from './testing/run-virtual.ts'
