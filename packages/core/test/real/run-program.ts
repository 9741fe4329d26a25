/** Programs in processes of their own: what they print, and how they end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Ending {
  status: number | null
  stdout: string
  stderr: string
  /** From the first signal, or the start where there is none, to the end. */
  seconds: number
}

/** A signal, and after how many milliseconds it is sent: the first one counted from READY, the others from the one before. */
export type SignalAfter = readonly [signal: NodeJS.Signals, delay: number]

/** Run `node programs/FILE ...args`, and send it the signals once it says READY. */
export async function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  ...signals: readonly SignalAfter[]
): Promise<Ending> {
  const program = fileURLToPath(new URL(`programs/${file}`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=polvo-source', program, ...args])
  let stdout = ''
  let stderr = ''
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      if (stdout.includes('READY')) resolve()
    })
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close')
  let began = performance.now()
  for (const [i, [signal, delay]] of signals.entries()) {
    await ready
    await new Promise((resolve) => setTimeout(resolve, delay))
    if (i === 0) began = performance.now()
    child.kill(signal)
  }
  const [status] = await ended
  const seconds = (performance.now() - began) / 1000
  return { status, stdout: stdout.replace('READY\n', ''), stderr, seconds }
}
