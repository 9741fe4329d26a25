/**
 * Waiting for an event that is set returns at once, without a turn of the
 * loop; set and clear are idempotent.
 */
import { Event, getRunningLoop, run } from 'polvo'

async function main(): Promise<void> {
  const door = new Event()
  console.log('open', door.isSet())
  door.set()
  door.set()
  console.log('open', door.isSet())
  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  for (let walk = 0; walk < 3; walk++) console.log('walked through', await door.wait())
  door.clear()
  door.clear()
  console.log('open', door.isSet())
  getRunningLoop().callSoon(() => door.set())
  console.log('walked through', await door.wait())
}

await run(main)
