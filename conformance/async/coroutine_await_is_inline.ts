/**
 * Awaiting a coroutine runs it on the spot, like a call: no other callback gets a turn until something inside
 * really suspends.
 */
import { getRunningLoop, run, sleep } from 'polvo'

async function whisper(): Promise<string> {
  return 'psst'
}

async function murmur(): Promise<string> {
  return `${await whisper()} ${await whisper()}`
}

async function nap(): Promise<string> {
  await sleep(0)
  return 'yawn'
}

async function main(): Promise<void> {
  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  console.log(await whisper())
  console.log(await murmur())
  for (let i = 0; i < 3; i++) await whisper()
  console.log('still nobody else ran')
  console.log(await nap())
}

await run(main)
