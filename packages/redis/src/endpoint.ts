/** What a client is made with, checked, and the driver's connections that are made of it. */
import { type Cluster, Redis, type RedisOptions } from 'ioredis'
import { misuse } from 'polvo/lowlevel'
import { checkCount } from './errors.ts'
import { isRead } from './reads.ts'

/** What TLS connections are made with, as `tls.connect()` of Node takes it. */
export type TlsOptions = Pick<
  import('node:tls').ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'checkServerIdentity'
  | 'ciphers'
  | 'key'
  | 'maxVersion'
  | 'minVersion'
  | 'passphrase'
  | 'pfx'
  | 'rejectUnauthorized'
  | 'servername'
>

/** Where a server listens. */
export interface Address {
  /** A name or an IP address. */
  readonly host: string
  /** Its TCP port. */
  readonly port: number
}

/** Sentinels, and whom to ask them for. */
export interface Sentinels {
  /** What they call the master. */
  readonly name: string
  /** Where they listen; the others are found through these. */
  readonly nodes: readonly Address[]
  /** Their own password; by default none. */
  readonly password?: string | undefined
  /** 'replica': connect to one of the master's replicas, to read from it. By default 'master'. */
  readonly role?: 'master' | 'replica' | undefined
}

/** What a client is made with; all of it may be left out. What a URL says goes before. */
export interface ClientOptions {
  /** `redis://user:password@host:port/db`, `rediss://…` with TLS, `unix:///path/to/socket?db=0`. By default there is none. */
  url?: string | URL | undefined
  /** The server's name or IP address; by default 'localhost'. */
  host?: string | undefined
  /** Its TCP port; by default 6379. */
  port?: number | undefined
  /** A Unix socket, in place of host and port. */
  path?: string | undefined
  /** The user; by default the server's default user. */
  username?: string | undefined
  /** The password; by default none. */
  password?: string | undefined
  /** The number of the database; by default 0. */
  db?: number | undefined
  /** Connect with TLS: true, or certificates and the like. By default false, with `rediss:` true. */
  tls?: boolean | TlsOptions | undefined
  /** Put before every key, by the client; by default ''. */
  keyPrefix?: string | undefined
  /** What the server calls the connections, in CLIENT LIST; by default nothing. */
  clientName?: string | undefined
  /** Ask sentinels for the server's address, in place of giving one. */
  sentinels?: Sentinels | undefined
  /** Some nodes of a cluster, in place of a server's address. */
  cluster?: readonly Address[] | undefined
  /** How many milliseconds one attempt to connect may take; by default 5,000. */
  connectTimeout?: number | undefined
  /**
   * How many milliseconds commands wait in line while no connection can be had, and attempts go on; by default 10,000. Then they
   * fail with ConnectionError, and the next command begins anew. A refused password and an unknown host fail at once. 0: the
   * first attempt decides.
   */
  reconnectWithin?: number | undefined
  /**
   * After so many milliseconds in which commands wait for replies and the server sends nothing, the connection is given up and
   * they fail with ResponseTimeoutError; by default 0, for never. Not for blocking commands.
   */
  responseTimeout?: number | undefined
  /** A connection that was idle for so many milliseconds is asked with PING before it is used; by default 30,000. */
  healthCheckInterval?: number | undefined
  /**
   * What is sent again when the connection is lost before the answer: 'reads', which change nothing, is the default. 'all' may
   * carry out a command twice, 'none' has all of them fail with ConnectionError.
   */
  resend?: 'reads' | 'all' | 'none' | undefined
  /**
   * How many connections there may be beside the shared one, for what needs its own: blocking commands, `watch`, sessions.
   * By default 50; who comes then waits in line.
   */
  maxConnections?: number | undefined
}

/** A server that still loads its data is asked again after so many milliseconds at the most. */
const LOADING_RETRY = 500

type DriverOptions = Omit<RedisOptions, 'replyMapping'>

/** The options with their defaults. */
export class Endpoint {
  /** What errors call it, without the password. */
  readonly address: string
  readonly keyPrefix: string
  readonly connectTimeout: number
  readonly reconnectWithin: number
  readonly healthCheckInterval: number
  readonly maxConnections: number
  readonly cluster: readonly Address[] | null
  /** What each connection of the driver is made with. */
  readonly driverOptions: DriverOptions
  private readonly resend: 'reads' | 'all' | 'none'

  /** @throws TypeError, RangeError for options that cannot be */
  constructor(given: ClientOptions) {
    const options = given.url === undefined ? given : { ...given, ...fromUrl(given.url, given.tls) }
    const { host = 'localhost', port = 6379, path, sentinels, cluster, resend = 'reads' } = options
    checkCount('port', port)
    if (!['reads', 'all', 'none'].includes(resend)) {
      throw misuse(`resend takes 'reads', 'all' or 'none', and was given ${JSON.stringify(resend)}.`)
    }
    this.keyPrefix = options.keyPrefix ?? ''
    this.connectTimeout = checkCount('connectTimeout', options.connectTimeout ?? 5000)
    this.reconnectWithin = checkCount('reconnectWithin', options.reconnectWithin ?? 10_000)
    this.healthCheckInterval = checkCount('healthCheckInterval', options.healthCheckInterval ?? 30_000)
    this.maxConnections = checkCount('maxConnections', options.maxConnections ?? 50)
    this.resend = resend
    this.cluster = cluster ?? null
    const nodes = (all: readonly Address[]) => all.map((node) => `${node.host}:${node.port}`).join(',')
    if (cluster !== undefined) this.address = `redis cluster ${nodes(cluster)}`
    else if (sentinels !== undefined) this.address = `redis ${sentinels.name}@${nodes(sentinels.nodes)}`
    else this.address = path === undefined ? `redis ${host}:${port}` : `redis ${path}`
    const responseTimeout = checkCount('responseTimeout', options.responseTimeout ?? 0)
    this.driverOptions = {
      ...(sentinels === undefined ? whereTo(host, port, path) : throughSentinels(sentinels)),
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
      ...(options.tls ? { tls: options.tls === true ? {} : options.tls } : {}),
      ...(options.clientName === undefined ? {} : { connectionName: options.clientName }),
      ...(responseTimeout === 0 ? {} : { socketTimeout: responseTimeout }),
      db: checkCount('db', options.db ?? 0),
      connectTimeout: this.connectTimeout,
      sentinelCommandTimeout: this.connectTimeout,
      maxLoadingRetryTime: LOADING_RETRY,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResubscribe: false,
      // Two more commands for each connection, on which a server that is full would hang up before it is heard.
      disableClientInfo: true,
      retryStrategy: null,
    }
  }

  /** Whether a command is sent again when the connection is lost before its answer. */
  resends(name: string): boolean {
    return this.resend === 'all' || (this.resend === 'reads' && isRead(name))
  }

  /** A connection of the driver, not connected yet: it never connects by itself. */
  open(): Redis {
    return new Redis(this.driverOptions)
  }

  /**
   * Connect, and wait until commands may be sent. The driver bounds the making of the socket; one on which the server says nothing is
   * given up as well. A server that still loads its data does answer, and is waited for.
   */
  async connect(driver: Redis | Cluster): Promise<void> {
    let heard = 0
    const timer = setInterval(() => {
      if (!(driver instanceof Redis)) return
      const { bytesRead } = driver.stream ?? { bytesRead: -1 }
      if (bytesRead === heard)
        driver.stream.destroy(new Error(`it said nothing for ${this.connectTimeout} ms`))
      heard = bytesRead
    }, this.connectTimeout)
    try {
      await driver.connect()
    } finally {
      clearInterval(timer)
    }
  }

  /** One for commands that block: that the server says nothing for long is what they are for. */
  forBlocking(): Endpoint {
    const { socketTimeout: _, ...driverOptions } = this.driverOptions
    return this.with({ driverOptions })
  }

  /** One for the node of a cluster, with all else the same. */
  at({ host, port }: Address): Endpoint {
    const driverOptions = { ...this.driverOptions, host, port }
    return this.with({ driverOptions, address: `redis ${host}:${port}`, cluster: null })
  }

  private with(changes: Partial<Endpoint>): Endpoint {
    return Object.assign(Object.create(Endpoint.prototype) as Endpoint, this, changes)
  }
}

function whereTo(host: string, port: number, path: string | undefined): DriverOptions {
  return path === undefined ? { host, port } : { path }
}

function throughSentinels({ name, nodes, password, role }: Sentinels): DriverOptions {
  return {
    name,
    role: role === 'replica' ? 'slave' : 'master',
    sentinels: nodes.map(({ host, port }) => ({ host, port })),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    sentinelRetryStrategy: () => null,
    // What was the master is a replica now: ask the sentinels again.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  }
}

function fromUrl(given: string | URL, tls: ClientOptions['tls']): ClientOptions {
  const url = URL.parse(String(given))
  const protocol = url?.protocol
  if (url === null || (protocol !== 'redis:' && protocol !== 'rediss:' && protocol !== 'unix:')) {
    const shown = String(given).replace(/\/\/[^@/]*@/, '//…@')
    throw misuse(`The url has to be redis://, rediss:// or unix://; it is ${JSON.stringify(shown)}.`)
  }
  const { hostname, port, pathname, searchParams } = url
  const db = protocol === 'unix:' ? searchParams.get('db') : pathname.slice(1) || searchParams.get('db')
  if (db !== null && db !== '' && !/^\d+$/.test(db)) {
    throw misuse(
      `The url's database has to be a number, as in redis://localhost/2; it is ${JSON.stringify(db)}.`,
    )
  }
  return {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(db === null || db === '' ? {} : { db: Number(db) }),
    ...(protocol === 'unix:' ? { path: decodeURIComponent(pathname) } : {}),
    ...(protocol === 'rediss:' ? { tls: tls || true } : {}),
    ...(hostname === '' ? {} : { host: hostname.replace(/^\[|\]$/g, '') }),
    ...(port === '' ? {} : { port: Number(port) }),
  }
}
