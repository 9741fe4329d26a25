/** @polvo/http: HTTP for polvo. Every public name is exported here. */
export type { TlsOptions } from './client/connection.ts'
export {
  ClientConnectionError,
  ClientError,
  ClientPayloadError,
  ClientResponseError,
  ClientTimeoutError,
  InvalidUrl,
  type RequestInfo,
  type ResponseInfo,
  type TimeoutLimit,
  TooManyRedirects,
} from './client/errors.ts'
export type { HeadersLike } from './client/headers.ts'
export type { ConnectionStats } from './client/pool.ts'
export type { RequestOptions } from './client/request.ts'
export type { RequestData } from './client/request-body.ts'
export type { ClientResponse, JsonOptions, TextOptions } from './client/response.ts'
export { ClientSession, type ClientSessionOptions } from './client/session.ts'
export type { ClientTimeout, TimeoutOption } from './client/timeouts.ts'
export type { Params, ParamValue } from './client/url.ts'
export { WebSocketConnection, type WebSocketOptions } from './websocket/connection.ts'
export { WebSocketClosed, WebSocketMessageError } from './websocket/errors.ts'
export type { WebSocketMessage } from './websocket/message-queue.ts'
