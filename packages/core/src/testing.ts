/** polvo/testing: virtual time and faults, for tests of programs that use polvo. */
export {
  type Ended,
  type Fault,
  type FaultAction,
  type FaultKind,
  type FaultProxy,
  type FaultProxyOptions,
  type FaultProxyStats,
  type FaultProxyTarget,
  type FaultRecord,
  faultProxy,
  type TransientFault,
} from './testing/fault-proxy.ts'
export { runVirtual } from './testing/run-virtual.ts'
