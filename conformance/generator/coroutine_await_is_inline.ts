/**
 * Awaiting a coroutine runs it on the spot, like a call: no other callback gets a turn until something inside
 * really suspends.
 */
import { type Coroutine, getRunningLoop, run, sleep } from 'polvo'

function* whisper(): Coroutine<string> {
  return 'psst'
}

function* murmur(): Coroutine<string> {
  return `${yield* whisper()} ${yield* whisper()}`
}

function* nap(): Coroutine<string> {
  yield* sleep(0)
  return 'yawn'
}

function* main(): Coroutine {
  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  console.log(yield* whisper())
  console.log(yield* murmur())
  for (let i = 0; i < 3; i++) yield* whisper()
  console.log('still nobody else ran')
  console.log(yield* nap())
}

await run(main)
