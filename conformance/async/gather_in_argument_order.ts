/**
 * gather starts its coroutines in argument order and returns their results in argument order, whatever the
 * order in which they finish.
 */
import { call, gather, run, sleep } from 'polvo'

async function runner(name: string, delay: number): Promise<string> {
  console.log(name, 'starts')
  await sleep(delay)
  console.log(name, 'arrives')
  return `${name}'s medal`
}

async function main(): Promise<void> {
  const medals = await gather(call(runner, 'slow', 90), call(runner, 'quick', 30), call(runner, 'steady', 60))
  console.log(medals.join(', '))
}

await run(main)
