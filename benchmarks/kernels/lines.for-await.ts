/** A server of lines with node:net and `for await`. Fair: as the callbacks do, it copies nothing that comes whole, and waits for `drain`. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

const NEWLINE = 10

async function echo(socket: Socket): Promise<void> {
  let rest: Buffer | null = null
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk])
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      if (!socket.write(bytes.subarray(0, end + 1))) await once(socket, 'drain')
      bytes = bytes.subarray(end + 1)
    }
    rest = bytes.length > 0 ? bytes : null
  }
  socket.end()
}

export function serve(whenListening: (port: number) => void): undefined {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    echo(socket).catch(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1', () => whenListening((server.address() as AddressInfo).port))
}
