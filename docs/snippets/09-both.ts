import { type Coroutine, call, run, sleep } from 'polvo'

function* fromGenerator(): Coroutine<string> {
  yield* sleep(1)
  return 'a generator'
}

async function fromAsync(): Promise<string> {
  await sleep(1)
  return 'an async function'
}

await run(function* () {
  console.log('awaited', yield* call(fromAsync))
})
await run(async () => {
  console.log('awaited', await call(fromGenerator))
})
