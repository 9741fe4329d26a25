/** Set a key, get it, and leave in order, in the async spelling: `node hello-async.ts [URL]`. */
import { type Client, createClient } from '@polvo/redis'
import { use } from 'polvo'
import { main } from 'polvo/node'

async function greet(client: Client): Promise<void> {
  await client.set('greeting', 'Hello, Redis!', 'EX', 60)
  console.log(await client.get('greeting'))
  const [count, size] = await client.pipeline((p) => [p.incr('greetings'), p.strlen('greeting')])
  console.log(`greeting number ${count}, of ${size} bytes`)
}

async function hello(url = 'redis://localhost'): Promise<void> {
  await use(createClient(url), greet)
  console.log('every socket is closed')
}

await main(() => hello(...process.argv.slice(2)))
