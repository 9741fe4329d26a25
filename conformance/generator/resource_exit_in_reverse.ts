/**
 * Nested resources are given back in reverse order, each seeing the error on
 * its way out; one that swallows it leaves the outer ones in peace.
 */
import { type Coroutine, run, sleep, use } from 'polvo'

class Boom extends Error {}

class Room {
  readonly name: string
  readonly forgiving: boolean

  constructor(name: string, { forgiving = false } = {}) {
    this.name = name
    this.forgiving = forgiving
  }

  *enter(): Coroutine<string> {
    yield* sleep(0)
    console.log('enter', this.name)
    return this.name
  }

  *exit(error?: unknown): Coroutine<boolean> {
    yield* sleep(0)
    console.log('leave', this.name, 'with', error instanceof Boom ? error.message : 'nothing')
    return this.forgiving
  }
}

function* visit(error: Boom | null): Coroutine<string> {
  const story = yield* use(new Room('hall'), () =>
    use(new Room('parlour', { forgiving: true }), () =>
      use(new Room('study'), (innermost) => {
        console.log('in the', innermost)
        if (error) throw error
        return 'a pleasant visit'
      }),
    ),
  )
  return story ?? 'thrown out'
}

function* main(): Coroutine {
  console.log(yield* visit(null))
  console.log(yield* visit(new Boom('a mouse')))
}

await run(main)
