import { type Coroutine, Future, getRunningLoop, run } from 'polvo'

function* main(): Coroutine {
  const answer = new Future<number>()
  getRunningLoop().callLater(20, () => answer.setResult(42))
  console.log('waiting')
  console.log('the answer is', yield* answer)
  console.log('and again, at once:', yield* answer)
}

await run(main)
