/**
 * A CancelRequest: how a server is told, on a connection of its own, to stop what another connection has asked for.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
import { isIP, type Socket } from 'node:net'
import pg from 'pg'

/** What of a connection a request needs: whom it reached, as whom, and in which way. */
export interface CancelTarget {
  readonly host: string
  readonly port: number
  /** As pg has it. */
  readonly ssl: boolean | object
  readonly sslNegotiation: string | undefined
  readonly processId: number
  readonly secretKey: number
  /** The address that was reached: a name may lead to several servers, and only one knows the key. */
  readonly address: string | undefined
}

/** pg's connection below its client, as far as its types do not tell. */
interface SideConnection {
  readonly stream: Socket
  on(event: 'connect' | 'sslconnect' | 'end', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
  connect(portOrPath: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

type SideConnectionClass = new (options: object) => SideConnection

/**
 * Send one. `onOver` is called once, when the side connection is closed: by the server, which does so after it has sent its
 * process the signal; or by a failure, or by the function that is returned.
 */
export function sendCancel(target: CancelTarget, onOver: () => void): () => void {
  const { ssl, sslNegotiation, host, port, address, processId, secretKey } = target
  const side = new (pg.Connection as unknown as SideConnectionClass)({
    ssl:
      ssl === false
        ? false
        : { ...(ssl === true ? {} : ssl), host, ...(isIP(host) === 0 && { servername: host }) },
    sslNegotiation,
  })
  const ask = () => side.cancel(processId, secretKey)
  side.on('error', ignore)
  side.on('end', onOver)
  side.on('sslconnect', ask)
  side.on('connect', () => {
    if (ssl === false) ask()
    else if (sslNegotiation !== 'direct') side.requestSsl()
  })
  if (host.startsWith('/')) side.connect(`${host}/.s.PGSQL.${port}`)
  else side.connect(port, address ?? host)
  return () => side.stream.destroy()
}

/** Its end follows, and that it did not work is seen by what the server goes on with. */
function ignore(): void {}
