/**
 * A run cannot be started inside a run, needs a coroutine, and needs a
 * Runner that is not closed; closing twice is fine.
 */
import { call, getRunningLoop, Runner, run } from 'polvo'

async function nothing(): Promise<string> {
  return 'nothing'
}

async function nested(): Promise<void> {
  const coroutine = call(nothing)
  try {
    await run(coroutine)
  } catch {
    console.log('error: already running')
  }
  coroutine.close()
}

await run(nested)
try {
  // @ts-expect-error: a string is no coroutine
  await run('not a coroutine')
} catch {
  console.log('error: not a coroutine')
}
try {
  getRunningLoop()
} catch {
  console.log('error: no running loop')
}

const runner = new Runner()
console.log(await runner.run(nothing))
await runner.close()
await runner.close()
const coroutine = call(nothing)
try {
  await runner.run(coroutine)
} catch {
  console.log('error: closed')
}
coroutine.close()
