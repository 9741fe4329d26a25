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
export type { AccessLog, AccessLogEntry } from './server/access-log.ts'
export { Application } from './server/application.ts'
export type { ApplicationOptions } from './server/application-options.ts'
export type { CompressionOptions } from './server/compression.ts'
export type { ErrorClass } from './server/error-handlers.ts'
export { escapeHtml } from './server/error-page.ts'
export {
  type EventStreamOptions,
  type EventStreamWriter,
  eventStream,
  type ServerSentEvent,
} from './server/event-stream.ts'
export { type FileOptions, file } from './server/file.ts'
export type { FormFile, FormOptions, FormValues } from './server/form.ts'
export type { HeaderFields } from './server/header-fields.ts'
export {
  ClientDisconnected,
  HttpBadRequest,
  HttpConflict,
  HttpError,
  type HttpErrorOptions,
  HttpForbidden,
  HttpInternalServerError,
  HttpMethodNotAllowed,
  HttpNotFound,
  HttpPayloadTooLarge,
  HttpServiceUnavailable,
  HttpTooManyRequests,
  HttpUnauthorized,
  HttpUnprocessable,
  HttpUnsupportedMediaType,
} from './server/http-error.ts'
export type { MultipartOptions, MultipartPart, MultipartStream } from './server/multipart-stream.ts'
export type { PathParams, PathValues } from './server/path-pattern.ts'
export type { HttpRequest, RequestJsonOptions } from './server/request.ts'
export type { RequestStream } from './server/request-stream.ts'
export { bytes, html, json, redirect, text } from './server/respond.ts'
export {
  type CookieOptions,
  HttpResponse,
  type ResponseBody,
  type ResponseOptions,
} from './server/response.ts'
export type { Middleware, Next, OnDisconnect, ResponseHook, RouteOptions } from './server/route.ts'
export type { Handler, View } from './server/routes.ts'
export { type RunAppOptions, runApp } from './server/run-app.ts'
export type { StopReport } from './server/running-application.ts'
export type { HttpTlsOptions, ServeOptions } from './server/serve-options.ts'
export { type HttpServer, serve } from './server/server.ts'
export { type State, StateKey } from './server/state.ts'
export type { StaticOptions } from './server/static-files.ts'
export { type StreamSource, stream } from './server/stream-body.ts'
export { StreamResponse } from './server/stream-response.ts'
export type { WebSocketHandler, WebSocketRouteOptions } from './server/websocket-route.ts'
export type { Chunk, ResponseWriter } from './server/writer.ts'
export { WebSocketConnection, type WebSocketOptions } from './websocket/connection.ts'
export { WebSocketClosed, WebSocketMessageError } from './websocket/errors.ts'
export type { WebSocketMessage } from './websocket/message-queue.ts'
