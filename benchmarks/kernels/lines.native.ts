/**
 * A server of lines with node:net and callbacks. Fair: it splits what comes into lines and keeps the rest, without copying a line that
 * comes whole, and it stops reading while much is unsent; it cannot be done with less.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'

const NEWLINE = 10

function echo(socket: Socket): void {
  let rest: Buffer | null = null
  socket.on('data', (chunk) => {
    let bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk])
    let isWritable = true
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      isWritable = socket.write(bytes.subarray(0, end + 1))
      bytes = bytes.subarray(end + 1)
    }
    rest = bytes.length > 0 ? bytes : null
    if (!isWritable) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  socket.on('end', () => socket.end())
  socket.on('error', () => socket.destroy())
}

export function serve(whenListening: (port: number) => void): undefined {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, echo)
  server.listen(0, '127.0.0.1', () => whenListening((server.address() as AddressInfo).port))
}
