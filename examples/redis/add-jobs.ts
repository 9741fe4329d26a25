/** Give the workers jobs: `node add-jobs.ts URL COUNT [MS]`, each of which takes so many milliseconds. */
import { createClient } from '@polvo/redis'
import { main } from 'polvo/node'
import { STREAM } from './queue.ts'

await main(async () => {
  const [url = 'redis://localhost', count = '10', ms = '100'] = process.argv.slice(2)
  await using client = createClient(url)
  const numbers = Array.from({ length: Number(count) }, (_, i) => i + 1)
  await client.pipeline((p) => numbers.map((number) => p.xadd(STREAM, '*', 'number', number, 'ms', ms)))
  console.log(`${count} jobs were added`)
})
