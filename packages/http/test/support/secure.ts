/** A server over TLS, with the certificate of the tests. */
import { once } from 'node:events'
import type http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { cert, key } from '../../../core/test/support/certificate.ts'
import { afterTest } from './servers.ts'

export async function secureServer(options: https.ServerOptions = {}): Promise<string> {
  const server = https.createServer({ key, cert, ...options }, (request, response) =>
    response.end(`secure ${request.url}`),
  )
  return `https://localhost:${await listening(server)}`
}

/** Listen on a free port until the test is over. */
export async function listening(server: http.Server | https.Server): Promise<number> {
  server.listen(0)
  await once(server, 'listening')
  afterTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
