/** What the connection, or the system below it, reports of a request, as an error of this package. */
import { misuse } from 'polvo/lowlevel'
import {
  ClientCertificateError,
  ClientConnectionError,
  ClientConnectorError,
  ClientDnsError,
  ClientPayloadError,
  ClientProxyError,
  ClientTlsError,
  type RequestInfo,
  reasonOf,
  ServerDisconnected,
} from './errors.ts'

/** How far a request was when it failed. */
export type Stage = 'connecting' | 'sent' | 'answered'

/** What a connector fails with when it is the proxy that is at fault. */
export class ProxyFailure extends Error {
  readonly status: number | null

  constructor(what: string, status: number | null, options?: ErrorOptions) {
    super(what, options)
    this.status = status
  }
}

/** What a connector fails with when the certificate is not the pinned one. */
export class FingerprintMismatch extends Error {
  readonly code = 'POLVO_FINGERPRINT'
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server running?',
  ENOTFOUND: 'Check the name of the host.',
  EAI_AGAIN: 'The name server did not answer; try again.',
  ENOENT: 'There is no such socket: is the server running?',
  ECONNRESET: 'Try again if the request may be repeated.',
  EPIPE: 'Try again if the request may be repeated.',
  UND_ERR_SOCKET: 'Try again if the request may be repeated.',
  POLVO_FINGERPRINT: 'If the server has a new certificate that is right, pin that one.',
}

/** The codes of what cannot be sent. */
const REFUSED: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
])

/** Where the peer ended the connection. */
const HUNG_UP: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNABORTED'])

/** The error for what the connection, or the system below it, reports of a request. */
export function wireError(request: RequestInfo, cause: unknown, stage: Stage): Error {
  const reason = reasonOf(cause)
  const code = String((cause as { code?: unknown } | null)?.code ?? '')
  if (REFUSED.has(code)) {
    return misuse(`${request.method} ${request.url}: the request cannot be sent: ${reason}.`, { cause })
  }
  if (stage === 'answered') {
    return new ClientPayloadError(
      request,
      `the body broke off before its end: ${reason}. Try again if the request may be repeated.`,
      { cause },
    )
  }
  if (cause instanceof ProxyFailure)
    return new ClientProxyError(request, `${reason}.`, cause.status, { cause })
  const isTls = isAboutTls(code)
  const advice = ADVICE[code] ?? (isTls ? 'Check the certificate, or give tls: { ca }.' : '')
  const kind =
    stage === 'connecting' ? connectorError(code, isTls) : HUNG_UP.has(code) ? ServerDisconnected : null
  return new (kind ?? ClientConnectionError)(request, `${reason}. ${advice}`.trimEnd(), { cause })
}

function connectorError(code: string, isTls: boolean): typeof ClientConnectorError {
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return ClientDnsError
  if (!isTls) return ClientConnectorError
  return /CERT|SELF_SIGNED|UNABLE_TO|FINGERPRINT/.test(code) ? ClientCertificateError : ClientTlsError
}

function isAboutTls(code: string): boolean {
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|POLVO_FINGERPRINT|EPROTO/.test(code)
}
