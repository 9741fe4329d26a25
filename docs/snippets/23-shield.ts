import { cancelScope, createTask, run, sleep } from 'polvo'

async function book() {
  await cancelScope(
    async () => {
      await sleep(50)
      console.log('money taken')
      await sleep(50)
      console.log('seat reserved')
    },
    { shield: true },
  )
  await sleep(1000)
  console.log('never printed')
}

await run(async () => {
  const task = createTask(book)
  await sleep(70)
  task.cancel()
  await sleep(100)
  console.log('cancelled:', task.cancelled())
})
