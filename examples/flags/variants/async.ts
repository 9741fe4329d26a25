/** The async spelling: plain await. */
import { ClientSession } from '@polvo/http'
import { forEach, rethrowCancelled, use } from 'polvo'
import { FlagFile } from '../flag-file.ts'
import type { DownloadJob } from '../job.ts'
import type { Status } from '../report.ts'

async function getFlag(job: DownloadJob, session: ClientSession, code: string): Promise<Status> {
  return await use(session.get(job.urlOf(code)), async (response): Promise<Status> => {
    if (response.status === 404) return 'not found'
    response.raiseForStatus()
    await use(new FlagFile(job.folder, code), async (file) => {
      for await (const chunk of response) await file.write(chunk)
    })
    return 'ok'
  })
}

export async function downloadOne(job: DownloadJob, session: ClientSession, code: string): Promise<void> {
  try {
    job.done(code, await getFlag(job, session, code))
  } catch (error) {
    rethrowCancelled(error)
    job.done(code, 'error', error)
  }
}

export async function downloadMany(job: DownloadJob): Promise<void> {
  await use(new ClientSession({ limit: job.concurrency }), (session) =>
    forEach(job.codes, (code) => downloadOne(job, session, code), { concurrency: job.concurrency }),
  )
}
