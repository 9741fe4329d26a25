/**
 * Done callbacks run in the order they were added, never inside setResult, and also when they are added to a
 * future that is done already.
 */
import { type Future, getRunningLoop, run, sleep } from 'polvo'

async function main(): Promise<void> {
  const loop = getRunningLoop()
  const verdict = loop.createFuture<string>()

  function listener(name: string) {
    return (future: Future<string>) => console.log(name, 'hears', future.result())
  }

  verdict.addDoneCallback(listener('clerk'))
  verdict.addDoneCallback(listener('jury'))
  loop.callSoon(console.log, 'clock strikes before the verdict')
  verdict.setResult('guilty')
  loop.callSoon(console.log, 'clock strikes after the verdict')
  console.log('the judge has spoken')
  await sleep(0)

  verdict.addDoneCallback(listener('latecomer'))
  console.log('a latecomer asks')
  await verdict
  console.log('nobody moved')
  await sleep(0)
}

await run(main)
