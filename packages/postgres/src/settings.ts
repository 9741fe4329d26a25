/** What a pool is made with: checked, and as pg wants it. */
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import { misuse } from 'polvo/lowlevel'
import type { PoolConnection } from './connection.ts'
import { checkNumber } from './errors.ts'
import { type TypeParsers, typesWith } from './types.ts'

/** What `createPool` takes; what is left out comes from the `PG…` variables of the environment, as libpq has them. */
export interface PoolOptions {
  /** `postgres://user:password@host:port/database?sslmode=…`; what is given beside it stands behind it. */
  dsn?: string | undefined
  /** The host, or the folder of a Unix socket; by default PGHOST or localhost. */
  host?: string | undefined
  /** By default PGPORT or 5432. */
  port?: number | undefined
  /** By default PGUSER or the user of the process. */
  user?: string | undefined
  /** The password, or a function that gets one for each connection; by default PGPASSWORD. */
  password?: string | (() => string | Promise<string>) | undefined
  /** By default PGDATABASE or the name of the user. */
  database?: string | undefined
  /** TLS: true, or options of Node's `tls.connect()`; by default none, unless the dsn or PGSSLMODE say so. */
  tls?: boolean | ConnectionOptions | undefined
  /** What pg_stat_activity shows. */
  applicationName?: string | undefined
  /** How many connections are kept when they are idle, and made by `connect()`; by default 0. */
  min?: number | undefined
  /** How many connections there may be; by default 10. */
  max?: number | undefined
  /** How many milliseconds to wait for a connection; by default 30,000, 0 for any time. */
  acquireTimeout?: number | undefined
  /** How many milliseconds connecting and logging in may take; by default 10,000, 0 for any time. */
  connectTimeout?: number | undefined
  /** How many milliseconds a connection stays unused before it is closed; by default 30,000, 0 for any time. */
  idleTimeout?: number | undefined
  /** How many milliseconds old a connection may become; then it is closed when it is given back. By default 0, for any age. */
  maxLifetime?: number | undefined
  /** After how many idle milliseconds a connection is tried before it is handed out; by default 10,000. */
  checkAfterIdle?: number | undefined
  /**
   * How many milliseconds the server has to answer once its query was cancelled, before the connection is destroyed; by
   * default 5,000.
   */
  cancelTimeout?: number | undefined
  /** Run with each new connection before its first use, in the task that gets it; in either spelling. */
  onConnect?: ((connection: PoolConnection) => unknown) | undefined
  /** How values of a type are parsed, by the number of the type. */
  types?: TypeParsers | undefined
}

/** The options, checked and complete. */
export interface Settings {
  /** @internal */
  readonly client: pg.ClientConfig
  /** Where it leads, for messages. */
  readonly place: string
  readonly min: number
  readonly max: number
  readonly acquireTimeout: number
  readonly connectTimeout: number
  readonly idleTimeout: number
  readonly maxLifetime: number
  readonly checkAfterIdle: number
  readonly cancelTimeout: number
  readonly onConnect: ((connection: PoolConnection) => unknown) | null
}

/** @throws TypeError, RangeError for options that cannot be */
export function settingsFrom(given: string | PoolOptions): Settings {
  const options: PoolOptions = typeof given === 'string' ? { dsn: given } : given
  if (typeof options !== 'object' || options === null) {
    throw misuse(
      `createPool() takes a URL such as 'postgres://localhost/shop', or options; given was ${String(given)}.`,
    )
  }
  const { min = 0, max = 10, onConnect = null } = options
  const client = clientConfig(options)
  checkCount('max', max, 1)
  checkCount('min', min, 0)
  if (min > max) throw misuse(`min is ${min} and max is ${max}: min may not be more.`)
  if (onConnect !== null && typeof onConnect !== 'function') throw misuse('onConnect takes a function.')
  return {
    client,
    place: placeOf(client),
    min,
    max,
    acquireTimeout: checkNumber('acquireTimeout', options.acquireTimeout ?? 30_000),
    connectTimeout: checkNumber('connectTimeout', options.connectTimeout ?? 10_000),
    idleTimeout: checkNumber('idleTimeout', options.idleTimeout ?? 30_000),
    maxLifetime: checkNumber('maxLifetime', options.maxLifetime ?? 0),
    checkAfterIdle: checkNumber('checkAfterIdle', options.checkAfterIdle ?? 10_000),
    cancelTimeout: checkNumber('cancelTimeout', options.cancelTimeout ?? 5000),
    onConnect,
  }
}

function checkCount(name: string, value: number, min: number): void {
  checkNumber(name, value, min)
  if (!Number.isInteger(value)) throw misuse(`${name} takes a whole number, and was given ${value}.`)
}

function clientConfig(options: PoolOptions): pg.ClientConfig {
  const { dsn, host, port, user, password, database, tls, applicationName } = options
  if (dsn !== undefined && !URL.canParse(dsn)) {
    throw misuse(`The dsn is no URL. It reads as 'postgres://user:password@host:port/database'.`)
  }
  return {
    keepAlive: true,
    types: typesWith(options.types ?? {}),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ...(tls !== undefined && { ssl: tls }),
    ...(applicationName !== undefined && { application_name: applicationName }),
    ...(dsn !== undefined && { connectionString: dsn }),
  }
}

/** As pg understands it, without the password. */
function placeOf(config: pg.ClientConfig): string {
  const { host, port } = new pg.Client(config)
  return host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`
}
