/** @polvo/redis: Redis for polvo. Every public name is exported here. */
export type { Batch, BatchOptions, BatchResults, Queued } from './batch.ts'
export { type Client, type ClientStats, createClient } from './client.ts'
export type { BatchCommands, Commands } from './commander.ts'
export type { ConsumerGroup, ConsumerGroupOptions, ProcessOptions } from './consumer-group.ts'
export type { Address, ClientOptions, Sentinels, TlsOptions } from './endpoint.ts'
export {
  AuthenticationError,
  BusyLoadingError,
  ConnectionError,
  ExecAbortError,
  LockNotOwnedError,
  LockTimeoutError,
  NoScriptError,
  PermissionError,
  ReadOnlyError,
  RedisError,
  ReplyError,
  ResponseTimeoutError,
  WatchError,
} from './errors.ts'
export type { LockOptions, RedisLock } from './lock.ts'
export { Script } from './script.ts'
export type { Session, WatchOptions } from './session.ts'
export type { Entry, StreamReader, StreamReaderOptions } from './stream-reader.ts'
export type { Message, SubscribeOptions, Subscription } from './subscription.ts'
