/** @polvo/http: HTTP for polvo. Every public name is exported here. */
export type { TlsOptions } from './connection.ts'
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
} from './errors.ts'
export type { HeadersLike } from './headers.ts'
export type { ConnectionStats } from './pool.ts'
export type { RequestOptions } from './request.ts'
export type { RequestData } from './request-body.ts'
export type { ClientResponse, JsonOptions, TextOptions } from './response.ts'
export { ClientSession, type ClientSessionOptions } from './session.ts'
export type { ClientTimeout, TimeoutOption } from './timeouts.ts'
export type { Params, ParamValue } from './url.ts'
export { WebSocketConnection, type WebSocketOptions } from './websocket/connection.ts'
export { WebSocketClosed, WebSocketMessageError } from './websocket/errors.ts'
export type { WebSocketMessage } from './websocket/message-queue.ts'
