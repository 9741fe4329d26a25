/**
 * In debug mode the loop reports every callback and every task step that
 * keeps it busy for longer than slowCallbackDuration, and nothing else.
 */
import { type EventLoop, getRunningLoop, run, sleep } from 'polvo'

console.warn = (message: unknown) => {
  if (String(message).startsWith('Executing')) console.log('  the loop complains')
}

function hold(loop: EventLoop, ms: number, label: string): void {
  console.log(label)
  const end = loop.time() + ms
  while (loop.time() < end);
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  console.log('by default', loop.slowCallbackDuration / 1000)
  loop.callSoon(hold, loop, 150, 'slow callback')
  loop.callSoon(hold, loop, 1, 'quick callback')
  await sleep(0)
  await sleep(0)
  hold(loop, 150, 'slow step')
  await sleep(0)
  loop.slowCallbackDuration = 400
  hold(loop, 150, 'slow step under a longer limit')
  await sleep(0)
  loop.slowCallbackDuration = 100
  loop.setDebug(false)
  await sleep(0)
  hold(loop, 150, 'slow step without debug')
}

await run(main, { debug: true })
