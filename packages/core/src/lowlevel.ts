/** polvo/lowlevel: for authors of integrations, who make foreign I/O awaitable. Programs do not need it. */
export { namedCall } from './coroutine/call.ts'
export { Operation } from './coroutine/operation.ts'
export { misuse, outOfRange } from './errors.ts'
export { runDetached } from './host/detached.ts'
export { contextValues, contextVarsNamed } from './loop/context.ts'
