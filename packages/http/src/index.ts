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
export {
  Application,
  type ApplicationOptions,
  type ErrorClass,
  type Handler,
} from './server/application.ts'
export { escapeHtml } from './server/error-page.ts'
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
export { type RunAppOptions, runApp } from './server/run-app.ts'
export type { StopReport } from './server/running-application.ts'
export { type HttpServer, type HttpTlsOptions, type ServeOptions, serve } from './server/server.ts'
export { type State, StateKey } from './server/state.ts'
export { type StreamSource, stream } from './server/stream-body.ts'
export type { Chunk, ResponseWriter } from './server/writer.ts'
export { ClientSession, type ClientSessionOptions } from './session.ts'
export type { ClientTimeout, TimeoutOption } from './timeouts.ts'
export type { Params, ParamValue } from './url.ts'
