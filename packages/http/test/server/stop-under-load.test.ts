// A server stops while wrk asks as fast as it can: each request that a handler has seen is answered, and the answer arrives.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { run, sleep } from 'polvo'
import { expect, test } from 'vitest'
import { serve } from '../../src/index.ts'
import { appWith, until } from './support/serving.ts'

const hasWrk = spawnSync('wrk', ['-v']).error === undefined
const isRequired = process.env.POLVO_REQUIRE_SERVICES === '1'
if (!hasWrk && !isRequired)
  console.warn('wrk is not installed: the server is not stopped under load. apt-get install wrk')

/** How many answers wrk has got, and how many of them were errors. */
async function load(url: string): Promise<{ answers: number; errors: number; said: string }> {
  const program = spawn('wrk', ['--threads=1', '--connections=64', '--duration=2s', url])
  let said = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(program, 'close')
  const number = (pattern: RegExp) => Number(pattern.exec(said)?.[1] ?? 0)
  return {
    answers: number(/^\s*(\d+) requests in /m),
    errors: number(/^\s*Non-2xx or 3xx responses: (\d+)/m),
    said,
  }
}

test.runIf(hasWrk || isRequired).each([
  ['that answer at once', 0],
  ['that wait', 5],
])(
  'a graceful stop under load loses no request that was accepted, with handlers %s',
  { timeout: 30_000 },
  async (_, delay) => {
    await run(async () => {
      let handled = 0
      const app = appWith((app) =>
        app.get('/', async () => {
          if (delay > 0) await sleep(delay)
          handled++
          return 'answered'
        }),
      )
      const server = await serve(app, { port: 0 })
      const loading = load(server.url)
      await until(() => handled > 500)
      await sleep(300)
      const report = await server.stop()
      const { answers, errors, said } = await loading
      expect(report.cancelled).toEqual([])
      expect(errors, said).toBe(0)
      expect(answers, said).toBe(handled)
    })
  },
)
