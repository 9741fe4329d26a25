/** What an application is made with. */
import type { AccessLog } from './access-log.ts'
import type { CompressionOptions } from './compression.ts'
import type { OnDisconnect } from './route.ts'

/** What an application is made with. What is left out is as in the application it is mounted in, at last as said here. */
export interface ApplicationOptions {
  /** Stands before the names of its routes, with a dot: `admin.users`. By default nothing does. */
  name?: string | undefined
  /** See `RouteOptions`; by default 'cancel'. */
  onDisconnect?: OnDisconnect | undefined
  /** See `RouteOptions`; in milliseconds, by default null for any time. */
  handlerTimeout?: number | null | undefined
  /** See `RouteOptions`; by default 1,048,576 bytes. */
  bodyLimit?: number | undefined
  /**
   * What becomes of `/users/` where there is only `/users`, or the other way round: 'strict' (the default) is a 404, 'redirect' sends
   * the client there by 308, 'ignore' takes both for the same. That of the outermost application counts.
   */
  trailingSlash?: 'strict' | 'redirect' | 'ignore' | undefined
  /** Where each request is noted when it is over: a function, a stream of lines, or true for the standard output. By default it is not. That of the outermost application counts. */
  accessLog?: AccessLog | boolean | undefined
  /** Compress what is sent to those who take it; true or options. By default it is not. That of the outermost application counts. */
  compression?: boolean | CompressionOptions | undefined
  /** Show clients where errors come from, with their stacks; by default false. That of the outermost application counts. */
  debug?: boolean | undefined
}
