/**
 * The load on a web server: `node http-load.ts PORT CONNECTIONS PATH ANSWER PID`. wrk, the same for every server, on the last core; the
 * server's main thread is kept to the first one, where `taskset` is there. It looks at one answer, prints `begin` once the server is
 * warm, waits for a line on its input, asks, and prints `end` with the number of answers.
 */
import { execFile, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'

const WARM_UP_SECONDS = 1
const SECONDS = 2

const [port, connections, path, answer, server] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]
const url = `http://127.0.0.1:${port}${path}`
const lastCore = availableParallelism() - 1
const canPin = lastCore > 0 && spawnSync('taskset', ['-pc', '0', server]).status === 0

/** Ask for so many seconds. Returns the number of answers, all of which have to be 2xx. */
async function ask(seconds: number): Promise<number> {
  const wrk = ['wrk', '--threads=1', `--connections=${connections}`, `--duration=${seconds}s`, url]
  const [program, ...args] = canPin ? ['taskset', '-c', String(lastCore), ...wrk] : wrk
  const { stdout } = await promisify(execFile)(program as string, args)
  const [, answers] = /^\s*(\d+) requests in /m.exec(stdout) ?? []
  if (answers === undefined || /Non-2xx|Socket errors/.test(stdout))
    throw new Error(`wrk has said: ${stdout}`)
  return Number(answers)
}

const response = await fetch(url)
const text = await response.text()
if (text !== answer)
  throw new Error(`${url} has answered ${JSON.stringify(text)}, and not ${JSON.stringify(answer)}.`)
await ask(WARM_UP_SECONDS)
process.stdin.once('data', async () => {
  console.log('end', await ask(SECONDS))
  process.exit()
})
console.log('begin')
