/**
 * A semaphore admits as many as it has permits; the others follow in the
 * order of asking as soon as one leaves.
 */
import { call, gather, run, Semaphore, sleep, use } from 'polvo'

async function diver(name: string, turns: number, tanks: Semaphore, under: string[]): Promise<void> {
  await use(tanks, async () => {
    under.push(name)
    console.log(name, 'dives; below:', ...under)
    for (let turn = 0; turn < turns; turn++) await sleep(0)
    under.splice(under.indexOf(name), 1)
    console.log(name, 'surfaces')
  })
}

async function main(): Promise<void> {
  const tanks = new Semaphore(2)
  const under: string[] = []
  const turns = { ann: 5, ben: 1, cis: 2, dan: 3, eve: 0 }
  await gather(...Object.entries(turns).map(([name, count]) => call(diver, name, count, tanks, under)))
  console.log('below:', under.length)
}

await run(main)
