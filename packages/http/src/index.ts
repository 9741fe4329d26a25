/** @polvo/http: HTTP for polvo. Every public name is exported here. */
export type { BasicAuth } from './client/auth.ts'
export type { TlsOptions } from './client/connector.ts'
export {
  type Cookie,
  CookieJar,
  type CookieJarOptions,
  type CookieStore,
  type Cookies,
} from './client/cookies.ts'
export type { Coding } from './client/decompress.ts'
export { digestAuth } from './client/digest-auth.ts'
export {
  ClientCertificateError,
  ClientConnectionError,
  ClientConnectorError,
  ClientDnsError,
  ClientError,
  ClientPayloadError,
  ClientProxyError,
  ClientResponseError,
  ClientTimeoutError,
  ClientTlsError,
  ContentTypeError,
  InvalidUrl,
  type RequestInfo,
  type ResponseInfo,
  ServerDisconnected,
  type TimeoutLimit,
  TooManyRedirects,
  WebSocketHandshakeError,
} from './client/errors.ts'
export type { HeadersLike } from './client/headers.ts'
export type { ClientMiddleware, ClientRequest, NextRequest } from './client/middleware.ts'
export { MultipartForm, type PartOptions } from './client/multipart.ts'
export type { Pieces } from './client/pieces.ts'
export type { ConnectionStats } from './client/pool.ts'
export type { RequestOptions } from './client/request.ts'
export type { RequestData } from './client/request-body.ts'
export type { ClientResponse, JsonOptions, LineOptions, TextOptions } from './client/response.ts'
export type { RetryOption, RetryOptions } from './client/retries.ts'
export { ClientSession } from './client/session.ts'
export type { ClientSessionOptions } from './client/session-options.ts'
export type { Chunks } from './client/sources.ts'
export type { ClientTimeout, TimeoutOption } from './client/timeouts.ts'
export type { ClientTrace, TraceAnswer, TraceChunk, TraceEvent, TraceFailure } from './client/tracing.ts'
export type { Params, ParamValue } from './client/url.ts'
export type { WebSocketConnectOptions } from './client/web-socket.ts'
export { WebSocketConnection, type WebSocketOptions } from './websocket/connection.ts'
export { WebSocketClosed, WebSocketMessageError } from './websocket/errors.ts'
export type { WebSocketMessage } from './websocket/message-queue.ts'
