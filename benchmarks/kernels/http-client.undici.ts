/**
 * Small GETs with undici.request. Fair: one agent with a connection for each worker, one request at a time on each, as
 * HTTP/1.1 is spoken to strangers, and the text is read.
 */
import { Agent, request } from 'undici'
import { check, originUrl } from '../http-origin-process.ts'
import type { Sizes } from '../kernel.ts'

const dispatcher = new Agent({ connections: 100 })

async function worker(url: string, repeats: number): Promise<number> {
  let seen = 0
  for (let i = 0; i < repeats; i++) {
    const { statusCode, body } = await request(url, { dispatcher })
    seen += check(statusCode, await body.text())
  }
  return seen
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  const url = await originUrl()
  const seen = await Promise.all(Array.from({ length: tasks }, () => worker(url, repeats)))
  return seen.reduce((sum, each) => sum + each, 0)
}
