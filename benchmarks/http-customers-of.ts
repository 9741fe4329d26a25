/** For the memory kernels: have customers come to a server in this process, and stay. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Sizes } from './kernel.ts'

const program = fileURLToPath(new URL('http-customers.ts', import.meta.url))

/** Done when all of them wait. They go when this process ends. */
export async function customersOf(port: number, { tasks, path = '/' }: Sizes): Promise<void> {
  const kind = path === '/' ? 'idle' : 'waiting'
  const child = spawn(process.execPath, [program, port, tasks, path, kind].map(String), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  // The last requests may still be on their way.
  await new Promise((resolve) => setTimeout(resolve, 300))
}
