/**
 * callAt takes a time of the loop's own clock and the handle tells it back; no timer fires before its time.
 */
import { getRunningLoop, run } from 'polvo'

async function main(): Promise<void> {
  const loop = getRunningLoop()
  const start = loop.time()
  const arrived = loop.createFuture<null>()

  function arrive(name: string): void {
    console.log(name, loop.time() < deadlines.get(name)! - 1 ? 'early' : 'on time')
    if (name === 'slow train') arrived.setResult(null)
  }

  const deadlines = new Map([
    ['slow train', start + 90],
    ['fast train', start + 30],
    ['bus', start + 60],
  ])
  const handles = [...deadlines].map(([name, when]) => [name, loop.callAt(when, arrive, name)] as const)
  for (const [name, handle] of handles) {
    console.log(name, 'keeps its deadline', handle.when() === deadlines.get(name))
  }
  await arrived
  console.log('clock went forward', loop.time() > start)
}

await run(main)
