/**
 * A callback scheduled while a pass is running waits for the next pass, behind everything that was already
 * scheduled.
 */
import { getRunningLoop, run } from 'polvo'

async function main(): Promise<void> {
  const loop = getRunningLoop()
  const silence = loop.createFuture<string>()

  function ring(depth: number): void {
    console.log('ring', depth)
    if (depth < 4) loop.callSoon(ring, depth + 1)
    else silence.setResult('silence')
  }

  function tick(count: number): void {
    console.log('tick', count)
    if (count < 20) loop.callSoon(tick, count * 10)
  }

  loop.callSoon(ring, 1)
  loop.callSoon(tick, 1)
  loop.callSoon(tick, 2)
  console.log('scheduled')
  console.log(await silence)
}

await run(main)
