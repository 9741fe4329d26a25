/**
 * The flags with undici alone, as its users write it for speed: one client pool, as many workers as connections, bodies
 * written to disk as they come. Fair: the same requests, temporary files and renames as the downloader of examples/flags.
 */
import { open, rename } from 'node:fs/promises'
import { Agent, request } from 'undici'
import { sampleOfCodes, startFlagServers } from '../flag-servers.ts'
import type { Sizes } from '../kernel.ts'

export async function prepare({ tasks, connections = 1 }: Sizes) {
  const codes = sampleOfCodes(tasks)
  const { url, folder, close } = await startFlagServers(codes)
  let done = 0

  async function downloadOne(code: string, dispatcher: Agent): Promise<void> {
    const lower = code.toLowerCase()
    const { statusCode, body } = await request(`${url}/${lower}/${lower}.png`, { dispatcher })
    if (statusCode === 404) await body.dump()
    else if (statusCode !== 200) throw new Error(`${code}: HTTP ${statusCode}`)
    else {
      const path = `${folder}/${code}.png`
      const file = await open(`${path}.part`, 'w')
      for await (const chunk of body) await file.write(chunk)
      await file.close()
      await rename(`${path}.part`, path)
    }
    done++
  }

  async function run(): Promise<number> {
    const dispatcher = new Agent({ connections })
    const left = codes.values()
    const worker = async () => {
      for (const code of left) await downloadOne(code, dispatcher)
    }
    await Promise.all(Array.from({ length: connections }, worker))
    await dispatcher.close()
    return done
  }

  return { run, close }
}
