/** Small GETs with polvo's ClientSession, in generators. Fair: a worker for each connection, and the text is read. */
import { ClientSession } from '@polvo/http'
import { type Coroutine, run, taskGroup } from 'polvo'
import { check, originUrl } from '../http-origin-process.ts'
import type { Sizes } from '../kernel.ts'

const session = new ClientSession()

function* worker(url: string, repeats: number): Coroutine<number> {
  let seen = 0
  for (let i = 0; i < repeats; i++) {
    const response = yield* session.get(url)
    seen += check(response.status, yield* response.text())
  }
  return seen
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  const url = await originUrl()
  return run(function* () {
    const workers = yield* taskGroup(function* (group) {
      return Array.from({ length: tasks }, () => group.createTask(worker, url, repeats))
    })
    return workers.reduce((sum, each) => sum + each.result(), 0)
  })
}
