/** What the contestants of the flags rows share: the servers of examples/flags in their own process, and a folder. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sites } from '../examples/flags/servers/server-process.ts'

export interface FlagServers {
  /** Of the site that holds each request for 500 ms. */
  url: string
  folder: string
  close(): Promise<void>
}

const PICTURES = 194

export async function startFlagServers(): Promise<FlagServers> {
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
      if (files.length !== PICTURES) throw new Error(`There are ${files.length} files, and not ${PICTURES}.`)
    },
  }
}
