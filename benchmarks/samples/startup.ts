/**
 * How long a whole program takes, from the start of its process to the end. It is bundled into one file first, as what is
 * started often should be, so that neither TypeScript nor the search for modules is measured.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../bundle.ts'
import type { Sample } from '../kernel.ts'
import { median } from '../statistics.ts'

const STARTS = 9

export async function startupSample(program: URL): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), 'polvo-startup-'))
  try {
    const file = join(folder, 'program.mjs')
    writeFileSync(file, await bundle(program, { minify: false }))
    start(file)
    const batches = Array.from({ length: STARTS }, () => start(file))
    return { values: { wall: median(batches) }, batches }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Returns nanoseconds. A program prints a line when it has done what it was started for. */
function start(file: string): number {
  const begin = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  const ns = (performance.now() - begin) * 1e6
  if (status !== 0 || stdout === '') throw new Error(`The program ended with status ${status}: ${stderr}`)
  return ns
}
