/** Requests that node:http lets through, and nobody should answer: it is not certain what they ask for, or whom. */
import type { IncomingMessage, ServerResponse } from 'node:http'

const REFUSAL = 'Bad Request\n'

/** Refuse a request that is not of HTTP/1.0 or 1.1, or has several hosts, and close its connection. Returns whether it was. */
export function refused(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  if (incoming.httpVersionMajor === 1 && !hasSeveralHosts(incoming.rawHeaders)) return false
  outgoing.shouldKeepAlive = false
  outgoing.writeHead(400, [
    'content-type',
    'text/plain; charset=utf-8',
    'content-length',
    String(REFUSAL.length),
  ])
  outgoing.end(REFUSAL)
  return true
}

/** @param fields names and values in turn */
function hasSeveralHosts(fields: readonly string[]): boolean {
  let hosts = 0
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}
