import { Queue, Semaphore, sleep } from 'polvo'
import { cancelAtEveryCheckpoint } from 'polvo/testing'

await cancelAtEveryCheckpoint(async ({ watch }) => {
  const permits = watch(new Semaphore(2))
  const jobs = watch(new Queue<string>())
  await permits.acquire()
  await jobs.put('job')
  await jobs.get()
  await sleep(100) // do it
  permits.release()
}).catch((error) => console.log(error.message))
