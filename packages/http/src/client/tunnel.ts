/** Asking a proxy to pass bytes on to a server: HTTP's CONNECT (RFC 9110, 9.3.6). */
import type { Socket } from 'node:net'
import type { ProxyServer } from './route.ts'
import { ProxyFailure } from './wire-error.ts'

/** How long the answer of a proxy may be, in bytes. */
const MAX_HEAD = 16_384

/**
 * Ask for `host` (with its port) on `socket`, which is connected to `proxy`. `done` is called once, with null
 * when what follows goes to the server and comes from it.
 */
export function askTunnel(
  socket: Socket,
  proxy: ProxyServer,
  host: string,
  done: (failure: ProxyFailure | null) => void,
): void {
  const authorization = proxy.authorization === null ? '' : `proxy-authorization: ${proxy.authorization}\r\n`
  let head = Buffer.alloc(0)
  const finish = (failure: ProxyFailure | null): void => {
    socket.off('data', onData).off('close', onClose).off('error', onError)
    socket.pause()
    done(failure)
  }
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) {
      if (head.length > MAX_HEAD) finish(failureOf(proxy, 'answered with more than can be an answer'))
      return
    }
    const [, status, reason = ''] =
      /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?\r\n/.exec(head.toString('latin1')) ?? []
    if (status === undefined) return finish(failureOf(proxy, 'did not answer in HTTP'))
    if (!status.startsWith('2')) {
      const advice = status === '407' ? '; give credentials in its URL' : ''
      return finish(failureOf(proxy, `answered ${`${status} ${reason}`.trimEnd()}${advice}`, Number(status)))
    }
    const rest = head.subarray(end + 4)
    finish(null)
    if (rest.length > 0) socket.unshift(rest)
  }
  const onClose = (): void => finish(failureOf(proxy, 'hung up'))
  const onError = (cause: Error): void => finish(failureOf(proxy, 'hung up', null, { cause }))
  socket.on('data', onData).on('close', onClose).on('error', onError)
  socket.write(`CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\n${authorization}\r\n`)
}

function failureOf(
  proxy: ProxyServer,
  what: string,
  status: number | null = null,
  options?: ErrorOptions,
): ProxyFailure {
  return new ProxyFailure(`the proxy ${proxy.origin} ${what}`, status, options)
}
