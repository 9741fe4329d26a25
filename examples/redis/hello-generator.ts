/** Set a key, get it, and leave in order, in the generator spelling: `node hello-generator.ts [URL]`. */
import { type Client, createClient } from '@polvo/redis'
import { type Coroutine, use } from 'polvo'
import { main } from 'polvo/node'

function* greet(client: Client): Coroutine<void> {
  yield* client.set('greeting', 'Hello, Redis!', 'EX', 60)
  console.log(yield* client.get('greeting'))
  const [count, size] = yield* client.pipeline((p) => [p.incr('greetings'), p.strlen('greeting')])
  console.log(`greeting number ${count}, of ${size} bytes`)
}

function* hello(url = 'redis://localhost'): Coroutine<void> {
  yield* use(createClient(url), greet)
  console.log('every socket is closed')
}

await main(() => hello(...process.argv.slice(2)))
