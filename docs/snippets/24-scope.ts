import { type CancelScope, cancelScope, run, sleep } from 'polvo'

await run(async () => {
  let stop: CancelScope | undefined
  setTimeout(() => stop?.cancel('the user closed the window'), 50)

  const result = await cancelScope(async (scope) => {
    stop = scope
    await sleep(1000)
    return 'finished'
  })
  console.log(result, stop?.cancelled)
})
