/** A websocket of ours, and as its peer one of `ws` itself. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { WebSocketConnection, type WebSocketOptions } from '../../src/websocket/connection.ts'
import { afterTest } from './servers.ts'

export type Side = 'client' | 'server'

export interface Pair {
  readonly ours: WebSocketConnection
  readonly peer: WebSocket
  /** The socket under the peer. */
  readonly peerSocket: Socket
}

export interface PairOptions extends WebSocketOptions {
  maxPayload?: number
}

/** @param side which one is ours */
export async function socketPair(side: Side, options: PairOptions = {}): Promise<Pair> {
  const { maxPayload = 4 * 1024 * 1024 } = options
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection')
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { maxPayload })
  const opened = once(client, 'open')
  const upgraded = once(client, 'upgrade')
  let ours: WebSocketConnection | null = null
  const wrap = (socket: WebSocket, stream: Socket): void => {
    ours = new WebSocketConnection(socket, stream, options)
  }
  let clientSocket: Socket | null = null
  client.on('upgrade', (response) => {
    clientSocket = response.socket
  })
  if (side === 'client') client.on('open', () => wrap(client, clientSocket as unknown as Socket))
  else server.on('connection', (socket, request) => wrap(socket, request.socket))
  const [serverEnd, request] = await accepted
  await Promise.all([opened, upgraded])
  const peer = side === 'client' ? (serverEnd as WebSocket) : client
  peer.on('error', () => {})
  afterTest(() => {
    peer.terminate()
    ours?.abort()
    server.close()
  })
  return {
    ours: ours as unknown as WebSocketConnection,
    peer,
    peerSocket: side === 'client' ? request.socket : (clientSocket as unknown as Socket),
  }
}

/** The next message the peer gets, as text. */
export async function heard(peer: WebSocket): Promise<string> {
  const [data] = await once(peer, 'message')
  return String(data)
}

/** The code and reason with which the peer sees the end. */
export async function sawClose(peer: WebSocket): Promise<[number, string]> {
  const [code, reason] = await once(peer, 'close')
  return [code, String(reason)]
}

/** A websocket peer written by hand: it has shaken hands, and then says and reads bytes. */
export async function rawPeer(options: WebSocketOptions = {}): Promise<{
  ours: WebSocketConnection
  raw: Socket
}> {
  const server = new WebSocketServer({ noServer: true })
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const accepted = once(listener, 'connection')
  const raw = connect(port, '127.0.0.1')
  const [socket] = (await accepted) as [Socket]
  const ours = await new Promise<WebSocketConnection>((resolve) => {
    const request = {
      method: 'GET',
      url: '/',
      headers: {
        upgrade: 'websocket',
        'sec-websocket-key': Buffer.alloc(16).toString('base64'),
        'sec-websocket-version': '13',
      },
    }
    server.handleUpgrade(request as never, socket, Buffer.alloc(0), (ws) => {
      resolve(new WebSocketConnection(ws, socket, options))
    })
  })
  raw.on('error', () => {})
  afterTest(() => {
    raw.destroy()
    ours.abort()
    listener.close()
  })
  await once(raw, 'data')
  return { ours, raw }
}
