/**
 * Threads: as many as there are processors, each with a loop, connections and a share of the codes of its own. One
 * thread for each connection, as in languages where threads are all there is, would cost more memory than the flags.
 */
import { availableParallelism } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { ThreadPoolExecutor, transfer, type WorkModule } from '@polvo/threads'
import { Future, taskGroup, use } from 'polvo'
import type { Job } from '../job.ts'
import type { Outcome, Share } from './download-share.ts'

type Work = WorkModule<typeof import('./download-share.ts')>

export async function downloadMany(job: Job): Promise<void> {
  const threads = Math.min(availableParallelism(), job.concurrency)
  await use(new ThreadPoolExecutor({ maxWorkers: threads, gracePeriod: 4000 }), async (pool) => {
    const work: Work = pool.module(new URL('./download-share.ts', import.meta.url))
    await taskGroup(async (group) => {
      for (const share of sharesOf(job, threads)) group.createTask(downloadShare, job, work, share)
    })
  })
}

/** Deal codes and connections out in turn. */
function sharesOf(job: Job, threads: number): Share[] {
  const { codes, concurrency, folder } = job
  return Array.from({ length: threads }, (_, thread) => {
    const isOwn = (_: unknown, i: number) => i % threads === thread
    return {
      urls: new Map(codes.filter(isOwn).map((code) => [code, job.urlOf(code)])),
      concurrency: Array.from({ length: concurrency }).filter(isOwn).length,
      folder,
    }
  })
}

async function downloadShare(job: Job, work: Work, share: Share): Promise<void> {
  const { port1: outcomes, port2 } = new MessageChannel()
  const isClosed = new Future<void>()
  outcomes.on('message', ({ code, status, detail }: Outcome) => job.report(code, status, detail))
  outcomes.on('close', () => isClosed.setResult())
  try {
    await work.downloadShare(share, transfer(port2))
  } finally {
    await isClosed
  }
}
