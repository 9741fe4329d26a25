/** polvo/node: what only a process has. */
export type { InternetAddress, SocketAddress, UnixAddress } from './node/address.ts'
export type { Connection } from './node/connection.ts'
export { main } from './node/main.ts'
export { type OpenConnectionOptions, openConnection, openUnixConnection } from './node/open-connection.ts'
export { type PartialOutput, type Process, partialOutput } from './node/process.ts'
export type { Server, ServerOptions } from './node/server.ts'
export { addSignalHandler, removeSignalHandler, type SignalStream, signals } from './node/signals.ts'
export { type ConnectionHandler, startServer, startUnixServer } from './node/start-server.ts'
export { type Separator, StreamReader, type StreamReaderOptions } from './node/stream-reader.ts'
export type { ExtraInfo, StreamWriter } from './node/stream-writer.ts'
export {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  PIPE,
  STDOUT,
  type SubprocessOptions,
} from './node/subprocess.ts'
export type { TlsOptions, TlsServerOptions } from './node/tls.ts'
