/**
 * A task group ends when its last child has; the body goes first, then the block waits, and the results can
 * be read afterwards.
 */
import { run, sleep, taskGroup } from 'polvo'

async function guest(name: string, turns: number): Promise<string> {
  console.log(name, 'arrives')
  for (let i = 0; i < turns; i++) await sleep(0)
  console.log(name, 'leaves')
  return `thanks from ${name}`
}

async function main(): Promise<void> {
  const guests = await taskGroup(async (party) => {
    const guests = [party.createTask(guest, 'ann', 4), party.createTask(guest, 'bob', 1)]
    console.log('tables are set')
    await sleep(0)
    guests.push(party.createTask(guest, 'cleo', 2))
    console.log('host sits down')
    return guests
  })
  console.log('lights out')
  for (const visit of guests) console.log(visit.result())

  await taskGroup(async () => {
    console.log('a party of nobody')
  })
  console.log('is over at once')
}

await run(main)
