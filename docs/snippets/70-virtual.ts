import { getRunningLoop, sleep } from 'polvo'
import { runVirtual } from 'polvo/testing'

await runVirtual(async () => {
  await sleep(3_600_000)
  console.log('an hour later:', getRunningLoop().time())
})
