/**
 * The server process: the LOCAL site, and in front of it the DELAY and ERROR proxies. Its parent gets the addresses as its
 * first message, and what the proxies have witnessed when it asks; when the parent is gone, it ends.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { faultProxy } from 'polvo/testing'
import { PICTURES } from './pictures.ts'
import type { Question, Sites, Witnesses } from './server-process.ts'

/** As many may connect at once as the clients allow themselves, and more. */
const BACKLOG = 2048

const pages = new Map([...PICTURES].map(([code, file]) => [`/flags/${code}/${code}.png`, readFileSync(file)]))

const site = createServer((request, response) => {
  const page = pages.get(request.url ?? '')
  if (page === undefined) response.writeHead(404, { 'content-length': 0 }).end()
  else response.writeHead(200, { 'content-type': 'image/png', 'content-length': page.length }).end(page)
})
await new Promise<void>((resolve) => site.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, resolve))
const { port } = site.address() as AddressInfo

const common = { target: { port }, protocol: 'http', backlog: BACKLOG } as const
const delay = await faultProxy({ ...common, faults: [{ kind: 'delay', probability: 1, ms: 500 }] })
const error = await faultProxy({
  ...common,
  seed: Date.now(),
  faults: [
    { kind: 'error', probability: 0.25, status: 503 },
    { kind: 'delay', probability: 0.5, ms: 500 },
  ],
})

function send(message: Sites | Witnesses): void {
  process.send?.(message)
}

send({
  LOCAL: `http://127.0.0.1:${port}/flags`,
  DELAY: `${delay.url}/flags`,
  ERROR: `${error.url}/flags`,
})

process.on('message', (_: Question) => {
  send({ DELAY: delay.log.map(({ heldMs, inFlight }) => ({ heldMs, inFlight })) })
})
process.on('disconnect', () => process.exit())
// Ctrl-C reaches every process of the terminal; this one ends with its parent, which may still have something to ask.
process.on('SIGINT', () => {})
