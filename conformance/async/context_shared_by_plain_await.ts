/**
 * A coroutine that is merely awaited shares the context of its caller; the
 * same coroutine in a gather gets a copy of it.
 */
import { ContextVar, call, gather, run, shield, waitFor } from 'polvo'

const mood = new ContextVar<string>('mood')

async function cheerUp(): Promise<void> {
  console.log('was', mood.get('unset'))
  mood.set('cheerful')
}

async function main(): Promise<void> {
  await cheerUp()
  console.log('after await:', mood.get('unset'))

  mood.set('gloomy')
  await gather(call(cheerUp))
  console.log('after gather:', mood.get('unset'))
  await waitFor(call(cheerUp), 1000)
  console.log('after wait_for:', mood.get('unset'))
  mood.set('gloomy')
  await shield(call(cheerUp))
  console.log('after shield:', mood.get('unset'))
}

await run(main)
console.log('outside:', mood.get('unset'))
