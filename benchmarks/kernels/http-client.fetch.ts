/** Small GETs with the fetch of Node. Fair: a worker for each connection that it opens by itself, and the text is read. */
import { check, originUrl } from '../http-origin-process.ts'
import type { Sizes } from '../kernel.ts'

async function worker(url: string, repeats: number): Promise<number> {
  let seen = 0
  for (let i = 0; i < repeats; i++) {
    const response = await fetch(url)
    seen += check(response.status, await response.text())
  }
  return seen
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  const url = await originUrl()
  const seen = await Promise.all(Array.from({ length: tasks }, () => worker(url, repeats)))
  return seen.reduce((sum, each) => sum + each, 0)
}
