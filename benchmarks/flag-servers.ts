/** What the contestants of the flags rows share: the servers of examples/flags in their own process, and a folder. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ALL_CODES, EVERY_CODE } from '../examples/flags/countries.ts'
import type { Sites } from '../examples/flags/servers/server-process.ts'

export interface FlagServers {
  /** Of the site that holds each request for 500 ms. */
  url: string
  folder: string
  close(): Promise<void>
}

/** So many of all codes, from everywhere among them. */
export function sampleOfCodes(urls: number): string[] {
  const codes: string[] = []
  for (let i = 0; i < urls; i++) codes.push(EVERY_CODE[Math.floor((i * EVERY_CODE.length) / urls)]!)
  return codes
}

/** @param codes those that will be asked for, whose flags are to be in the folder in the end */
export async function startFlagServers(codes: readonly string[]): Promise<FlagServers> {
  const folder = await mkdtemp(join(tmpdir(), 'flags-'))
  const child = fork(fileURLToPath(new URL('../examples/flags/servers/process.ts', import.meta.url)))
  const [sites] = (await once(child, 'message')) as [Sites]
  return {
    url: sites.DELAY,
    folder,
    async close() {
      child.disconnect()
      const files = await readdir(folder)
      await rm(folder, { recursive: true })
      const flags = codes.filter((code) => ALL_CODES.includes(code)).length
      if (files.length !== flags) throw new Error(`There are ${files.length} files, and not ${flags}.`)
    },
  }
}
