/** Addresses of sockets. */
import type { AddressInfo, Server, Socket } from 'node:net'

/** Where an end of a connection is: on the network, or a Unix socket. */
export type SocketAddress = InternetAddress | UnixAddress

/** An address and a port. */
export interface InternetAddress {
  /** As `127.0.0.1` or `::1`. */
  readonly address: string
  /** From 1 to 65535. */
  readonly port: number
  /** Which of the two protocols it is an address of. */
  readonly family: 'IPv4' | 'IPv6'
}

/** A file that stands for a socket. */
export interface UnixAddress {
  /** Empty for a socket without a name, as clients have. */
  readonly path: string
}

/** The end of ours; undefined where it is gone. */
export function localAddress(socket: Socket): SocketAddress | undefined {
  return addressFrom(socket.address() as AddressInfo | string)
}

/** The end of the peer; undefined where it is gone. */
export function remoteAddress({
  remoteAddress,
  remotePort,
  remoteFamily,
}: Socket): SocketAddress | undefined {
  return addressFrom({ address: remoteAddress, port: remotePort, family: remoteFamily } as AddressInfo)
}

/** Where a server listens; undefined where it does not. */
export function listeningAddress(server: Server): SocketAddress | undefined {
  return addressFrom(server.address())
}

function addressFrom(address: AddressInfo | string | null): SocketAddress | undefined {
  if (typeof address === 'string') return { path: address }
  if (address?.address === undefined) return undefined
  const { port, family } = address
  return { address: address.address, port, family: family as InternetAddress['family'] }
}

/** In the form of `127.0.0.1:8000`. */
export function showAddress(address: SocketAddress | undefined): string {
  if (address === undefined) return 'nowhere'
  if ('path' in address) return address.path
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`
}
