/**
 * close(), which is return() here, unwinds a suspended coroutine through its finally blocks, does nothing to
 * one that never started or has ended, and may be repeated.
 */

/** A coroutine that is driven by hand may yield whatever its driver understands. */
type HandDriven<T> = Generator<string, T, unknown>

class Pause {
  *[Symbol.iterator](): HandDriven<void> {
    yield 'paused'
  }
}

function* inner(name: string): HandDriven<void> {
  try {
    yield* new Pause()
    console.log(name, 'never gets here')
  } finally {
    console.log(name, 'inner cleanup')
  }
}

function* outer(name: string): HandDriven<void> {
  console.log(name, 'starts')
  try {
    yield* inner(name)
  } finally {
    console.log(name, 'outer cleanup')
  }
}

const started = outer('started')
console.log(started.next().value)
started.return()
started.return()
console.log('closed twice')

const untouched = outer('untouched')
untouched.return()
console.log('closed unstarted')

for (const coroutine of [started, untouched]) {
  // Python raises RuntimeError; a generator that is over says so.
  if (coroutine.next().done) console.log('error')
}
