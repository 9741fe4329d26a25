/** A client for tests of applications: the whole way through client and server, in memory or over a socket. */
import type { Socket } from 'node:net'
import type { Awaitable, Coroutine } from 'polvo'
import { misuse, namedCall } from 'polvo/lowlevel'
import { ClientSession } from '../client/session.ts'
import type { ClientSessionOptions } from '../client/session-options.ts'
import { Application } from './application.ts'
import { showKind } from './describe.ts'
import { MemorySocket } from './memory-socket.ts'
import type { ServeOptions } from './serve-options.ts'
import { HttpServer } from './server.ts'

/** What `testClient` takes beside what a session does. */
export interface TestClientOptions extends Omit<ClientSessionOptions, 'baseUrl' | 'socketPath'> {
  /** 'memory' (the default): without a port, and without the network; 'socket': by a free port of this machine. */
  over?: 'memory' | 'socket' | undefined
  /** What the server is started with. */
  serve?: Omit<ServeOptions, 'port' | 'host' | 'path' | 'tls'> | undefined
}

/** A session whose paths are those of an application that runs: `client.get('/hello')`. Closing it stops the application. */
export class TestClient extends ClientSession {
  /** The server of the application. */
  readonly server: HttpServer

  /** @internal */
  constructor(server: HttpServer, options: ClientSessionOptions) {
    super(options)
    this.server = server
  }

  /** Close the session, then stop the application, which waits for handlers that are under way; see `server.stop`. */
  override close(): Awaitable<void> {
    return namedCall('client.close()', closeBoth, super.close(), this.server)
  }
}

/**
 * Start an application, resources and all, and give a client for it.
 *
 *     await use(testClient(app), async (client) => {
 *       const response = await client.get('/hello')
 *       expect(await response.text()).toBe('Hello!')
 *     })
 *
 * A checkpoint.
 * @throws what a resource throws as it is opened; TypeError for arguments that cannot be, InvalidStateError where the application runs
 */
export function testClient(app: Application, options: TestClientOptions = {}): Awaitable<TestClient> {
  if (!(app instanceof Application)) {
    throw misuse(`testClient() takes an Application, and was given ${showKind(app)}.`)
  }
  return namedCall('testClient()', start, app, options)
}

function* start(
  app: Application,
  { over = 'memory', serve = {}, ...session }: TestClientOptions,
): Coroutine<TestClient> {
  const isInMemory = over === 'memory'
  const server = new HttpServer(app, { ...serve, port: 0, isInMemory } as ServeOptions)
  yield* server._start()
  if (!isInMemory) return new TestClient(server, { ...session, baseUrl: server.url })
  return new TestClient(server, { ...session, baseUrl: 'http://test', _connect: () => connectTo(server) })
}

function connectTo(server: HttpServer): Socket {
  const [near, far] = MemorySocket.pair()
  server._inject(far as unknown as Socket)
  return near as unknown as Socket
}

function* closeBoth(session: Awaitable<void>, server: HttpServer): Coroutine {
  yield* session
  yield* server._stop(undefined)
}
