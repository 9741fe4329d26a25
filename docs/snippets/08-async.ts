import { createTask, run, sleep } from 'polvo'

async function worker() {
  try {
    for (let i = 1; ; i++) {
      console.log('working', i)
      await sleep(100)
    }
  } finally {
    console.log('cleaning up')
    await sleep(5)
    console.log('clean')
  }
}

await run(async () => {
  const task = createTask(worker)
  await sleep(150)
  task.cancel()
  await Promise.resolve(task).catch(() => console.log('cancelled:', task.cancelled()))
})
