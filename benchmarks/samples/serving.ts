/**
 * What a round trip costs the process of a server, by the clock and of the CPU. The load comes from a process of its own
 * (`lines-client.ts`, `http-load.ts`), which says when it is warm and when it is through; nothing else happens here in between.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Sample, ServerKernel, Sizes } from '../kernel.ts'

/** A program that asks a server, by its file, and its arguments behind the port. */
interface Load {
  program: string
  args: readonly (string | number)[]
  /** How many answers there have to be, where that is known before. */
  answers: number | null
}

export function servingSample(kernel: ServerKernel, { tasks, repeats }: Sizes): Promise<Sample> {
  return underLoad(kernel, { program: 'lines-client.ts', args: [tasks, repeats], answers: tasks * repeats })
}

export function requestsSample(kernel: ServerKernel, { tasks, path, answer }: Sizes): Promise<Sample> {
  if (path === undefined || answer === undefined)
    throw new Error('A row of requests needs a path and its answer.')
  return underLoad(kernel, { program: 'http-load.ts', args: [tasks, path, answer], answers: null })
}

function underLoad({ serve }: ServerKernel, { program, args, answers }: Load): Promise<Sample> {
  const file = fileURLToPath(new URL(`../${program}`, import.meta.url))
  return new Promise((resolve, reject) => {
    const whenListening = (port: number) => {
      const client = spawn(process.execPath, [file, port, ...args, process.pid].map(String), {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      let cpu: NodeJS.CpuUsage
      let start: number
      client.stdout.setEncoding('utf8').on('data', (said: string) => {
        if (said.startsWith('begin')) {
          cpu = process.cpuUsage()
          start = performance.now()
          client.stdin.write('go\n')
          return
        }
        const ms = performance.now() - start
        const { user, system } = process.cpuUsage(cpu)
        const operations = Number(/^end (\d+)\n$/.exec(said)?.[1])
        if (!(operations > 0) || (answers !== null && operations !== answers)) {
          return reject(new Error(`The client has said: ${said}`))
        }
        resolve({ values: { cpu: ((user + system) * 1e3) / operations, wall: (ms * 1e6) / operations } })
      })
      client.once('error', reject)
      client.once('exit', (status) => status !== 0 && reject(new Error(`The client has failed: ${status}`)))
    }
    Promise.resolve(serve(whenListening)).catch(reject)
  })
}
