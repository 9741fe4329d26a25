/**
 * What fails to open is never closed, though what was opened before it is;
 * an error in closing replaces the one that was on its way.
 */
import { type Coroutine, run, use } from 'polvo'

class Boom extends Error {}

class Door {
  readonly name: string
  readonly opens: boolean
  readonly closes: boolean

  constructor(name: string, { opens = true, closes = true } = {}) {
    this.name = name
    this.opens = opens
    this.closes = closes
  }

  *enter(): Coroutine {
    if (!this.opens) throw new Boom(`${this.name} is stuck`)
    console.log('open', this.name)
  }

  *exit(error?: unknown): Coroutine {
    console.log('close', this.name, 'on', error instanceof Boom ? error.message : 'nothing')
    if (!this.closes) throw new Boom(`${this.name} fell off`)
  }
}

function* attempt(doors: [Door, Door], error?: Boom): Coroutine {
  try {
    yield* use(doors[0], function* () {
      yield* use(doors[1], () => {
        console.log('inside')
        if (error) throw error
      })
    })
  } catch (boom) {
    if (!(boom instanceof Boom)) throw boom
    console.log('outside with', boom.message)
  }
}

function* main(): Coroutine {
  yield* attempt([new Door('gate'), new Door('hatch', { opens: false })])
  yield* attempt([new Door('gate'), new Door('hatch', { closes: false })])
  yield* attempt([new Door('gate'), new Door('hatch', { closes: false })], new Boom('fire'))
  yield* attempt(
    [new Door('gate', { closes: false }), new Door('hatch', { closes: false })],
    new Boom('fire'),
  )
}

await run(main)
