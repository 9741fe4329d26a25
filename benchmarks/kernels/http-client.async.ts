/** Small GETs with polvo's ClientSession, in async functions. Fair: a worker for each connection, and the text is read. */
import { ClientSession } from '@polvo/http'
import { run, taskGroup } from 'polvo'
import { check, originUrl } from '../http-origin-process.ts'
import type { Sizes } from '../kernel.ts'

const session = new ClientSession()

async function worker(url: string, repeats: number): Promise<number> {
  let seen = 0
  for (let i = 0; i < repeats; i++) {
    const response = await session.get(url)
    seen += check(response.status, await response.text())
  }
  return seen
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  const url = await originUrl()
  return run(async () => {
    const workers = await taskGroup(async (group) =>
      Array.from({ length: tasks }, () => group.createTask(worker, url, repeats)),
    )
    return workers.reduce((sum, each) => sum + each.result(), 0)
  })
}
