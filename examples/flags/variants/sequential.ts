/** One after the other, as a program without concurrency does it. */
import { ClientSession } from '@polvo/http'
import { use } from 'polvo'
import type { Job } from '../job.ts'
import { downloadOne } from './async.ts'

export async function downloadMany(job: Job): Promise<void> {
  await use(new ClientSession({ limit: 1 }), async (session) => {
    for (const code of job.codes) await downloadOne(job, session, code)
  })
}
