/**
 * The load on a server of lines: `node lines-client.ts PORT CONNECTIONS TIMES`. Plain node:net and callbacks, the same for every
 * server. Each connection sends a line when it has the last one back. It prints `begin` once it is warm, waits for a line on its
 * input, sends its lines, and prints `end` with the number that came back.
 */
import { connect, type Socket } from 'node:net'

const LINE = Buffer.alloc(1024, 'x')
LINE[LINE.length - 1] = 10
const WARM_UP = 400

const [port, connections, times] = process.argv.slice(2).map(Number) as [number, number, number]
const sockets: Socket[] = []

/** Send so many lines on each connection, one after the other, and call `whenDone` with the number of answers. */
function ask(each: number, whenDone: (answers: number) => void): void {
  let answers = 0
  for (const socket of sockets) {
    let left = each
    let missing = LINE.length
    socket.removeAllListeners('data').on('data', (chunk) => {
      missing -= chunk.length
      if (missing > 0) return
      if (missing < 0 || chunk[chunk.length - 1] !== 10)
        throw new Error('That is not the line that was sent.')
      answers++
      missing = LINE.length
      if (--left > 0) socket.write(LINE)
      else if (answers === each * connections) whenDone(answers)
    })
    socket.write(LINE)
  }
}

function whenConnected(): void {
  ask(WARM_UP, () => {
    process.stdin.once('data', () => {
      ask(times, (answers) => {
        console.log('end', answers)
        process.exit()
      })
    })
    console.log('begin')
  })
}

let connected = 0
for (let i = 0; i < connections; i++) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
    if (++connected === connections) whenConnected()
  })
  sockets.push(socket)
}
