/**
 * A coroutine that is merely awaited shares the context of its caller; the
 * same coroutine in a gather gets a copy of it.
 */
import { ContextVar, type Coroutine, gather, run, shield, waitFor } from 'polvo'

const mood = new ContextVar<string>('mood')

function* cheerUp(): Coroutine {
  console.log('was', mood.get('unset'))
  mood.set('cheerful')
}

function* main(): Coroutine {
  yield* cheerUp()
  console.log('after await:', mood.get('unset'))

  mood.set('gloomy')
  yield* gather(cheerUp())
  console.log('after gather:', mood.get('unset'))
  yield* waitFor(cheerUp(), 1000)
  console.log('after wait_for:', mood.get('unset'))
  mood.set('gloomy')
  yield* shield(cheerUp())
  console.log('after shield:', mood.get('unset'))
}

await run(main)
console.log('outside:', mood.get('unset'))
