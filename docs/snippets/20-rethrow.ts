import { createTask, rethrowCancelled, run, sleep } from 'polvo'

async function poll() {
  for (;;) {
    try {
      await sleep(100)
      throw new Error('the server is down')
    } catch (error) {
      rethrowCancelled(error) // first, or the loop could not be stopped
      console.log('goes on after:', String(error))
    }
  }
}

await run(async () => {
  const task = createTask(poll)
  await sleep(150)
  task.cancel()
  await sleep(0)
  console.log(task.cancelled())
})
