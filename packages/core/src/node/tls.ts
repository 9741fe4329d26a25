/** TLS: its options, and how a connection that is in the clear goes over to it. */
import type { Socket } from 'node:net'
import {
  type ConnectionOptions,
  connect,
  createServer,
  type TlsOptions as NodeServerOptions,
  type Server,
  type TLSSocket,
} from 'node:tls'
import { fromEvent } from '../coroutine/from-event.ts'
import { Future } from '../coroutine/future.ts'
import type { Coroutine } from '../coroutine/types.ts'
import { BrokenResource } from '../errors.ts'
import { runDetached } from '../host/detached.ts'

/** For the side that connects: certificates, `servername` and the like, as for `tls.connect()` of Node. */
export type TlsOptions = Omit<
  ConnectionOptions,
  'host' | 'port' | 'path' | 'socket' | 'allowHalfOpen' | 'timeout' | 'lookup'
>

/** For the side that accepts: `key`, `cert` and the like, as for `tls.createServer()` of Node. */
export type TlsServerOptions = Omit<NodeServerOptions, 'allowHalfOpen' | 'pauseOnConnect' | 'noDelay'>

/** How long a handshake may take, on either side, in milliseconds. */
export const HANDSHAKE_MS = 60_000

/** Make a TLS connection of one in the clear, as the side that connected. It is destroyed where that fails or is cancelled. */
export function* secureAsClient(socket: Socket, options: TlsOptions): Coroutine<TLSSocket> {
  const secure = runDetached(() => connect({ ...options, socket, allowHalfOpen: true } as ConnectionOptions))
  secure.on('error', dealtWithElsewhere)
  let isDone = false
  try {
    yield* fromEvent(secure, 'secureConnect')
    isDone = true
    return secure
  } finally {
    if (!isDone) destroyQuietly(secure, socket)
  }
}

/** As `secureAsClient`, as the side that accepted: the connection is put before a TLS server that accepts no other. */
export function* secureAsServer(socket: Socket, options: TlsServerOptions): Coroutine<TLSSocket> {
  const outcome = new Future<TLSSocket>()
  const server: Server = runDetached(() => createServer({ handshakeTimeout: HANDSHAKE_MS, ...options }))
  const fail = (error: unknown) => {
    if (!outcome.done()) outcome.setException(error)
  }
  const onClose = () => fail(new BrokenResource('The peer hung up before TLS was established.'))
  server.once('secureConnection', (secure) => {
    secure.on('error', dealtWithElsewhere)
    if (outcome.done()) secure.destroy()
    else outcome.setResult(secure)
  })
  server.once('tlsClientError', fail)
  socket.once('close', onClose)
  runDetached(() => server.emit('connection', socket))
  let isDone = false
  try {
    const secure = yield* outcome
    isDone = true
    return secure
  } finally {
    socket.off('close', onClose)
    if (!isDone) destroyQuietly(socket)
  }
}

function destroyQuietly(...sockets: Socket[]): void {
  for (const socket of sockets) socket.on('error', dealtWithElsewhere).destroy()
}

/** An error that comes between two of those who listen for them would end the process. */
function dealtWithElsewhere(): void {}
