/**
 * Customers of a web server who stay: `node http-customers.ts PORT CONNECTIONS PATH idle|waiting`. Each has a connection of its own, asks
 * once, and waits: for nothing more once it has the answer, or for the answer. Prints `ready` when all do. Ends with its input.
 */
import { connect } from 'node:net'

const [port, count, path, kind] = process.argv.slice(2) as [string, string, string, string]
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`

function customer(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1' })
    socket.on('error', reject)
    socket.write(request, () => kind === 'waiting' && resolve())
    socket.once('data', () => resolve())
  })
}

for (let i = 0; i < Number(count); i += 100) {
  await Promise.all(Array.from({ length: Math.min(100, Number(count) - i) }, customer))
}
console.log('ready')
process.stdin.resume().once('close', () => process.exit())
