/**
 * What a round trip costs the process of a server, by the clock and of the CPU. The load comes from a process of its own
 * (`lines-client.ts`), which says when it is warm and when it is through; nothing else happens here in between.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Sample, ServerKernel, Sizes } from '../kernel.ts'

const client = fileURLToPath(new URL('../lines-client.ts', import.meta.url))

export async function servingSample({ serve }: ServerKernel, sizes: Sizes): Promise<Sample> {
  const operations = sizes.tasks * sizes.repeats
  return new Promise((resolve, reject) => {
    const whenListening = (port: number) => {
      const program = spawn(process.execPath, [client, port, sizes.tasks, sizes.repeats].map(String), {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      let cpu: NodeJS.CpuUsage
      let start: number
      program.stdout.setEncoding('utf8').on('data', (said: string) => {
        if (said.startsWith('begin')) {
          cpu = process.cpuUsage()
          start = performance.now()
          program.stdin.write('go\n')
          return
        }
        const ms = performance.now() - start
        const { user, system } = process.cpuUsage(cpu)
        if (said !== `end ${operations}\n`) return reject(new Error(`The client has said: ${said}`))
        resolve({ values: { cpu: ((user + system) * 1e3) / operations, wall: (ms * 1e6) / operations } })
      })
      program.once('error', reject)
      program.once('exit', (status) => status !== 0 && reject(new Error(`The client has failed: ${status}`)))
    }
    Promise.resolve(serve(whenListening)).catch(reject)
  })
}
