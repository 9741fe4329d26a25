/**
 * A child cancelled on its own is no error: siblings and body go on, and the group ends normally.
 */
import { CancelledError, run, sleep, taskGroup } from 'polvo'

async function walker(name: string, turns: number): Promise<string> {
  for (let i = 0; i < turns; i++) await sleep(0)
  console.log(name, 'arrives')
  return name
}

async function main(): Promise<void> {
  const [lame, fit, selfMade] = await taskGroup(async (hike) => {
    const lame = hike.createTask(walker, 'lame', 50)
    const fit = hike.createTask(walker, 'fit', 4)
    const selfMade = hike.createTask(quitter)
    await sleep(0)
    lame.cancel()
    await sleep(0)
    console.log('body goes on')
    return [lame, fit, selfMade] as const
  })
  console.log('lame cancelled', lame.cancelled())
  console.log('quitter cancelled', selfMade.cancelled())
  console.log('fit', fit.result())
}

async function quitter(): Promise<void> {
  throw new CancelledError()
}

await run(main)
