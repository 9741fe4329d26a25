/**
 * What fails to open is never closed, though what was opened before it is;
 * an error in closing replaces the one that was on its way.
 */
import { run, use } from 'polvo'

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

  async enter(): Promise<void> {
    if (!this.opens) throw new Boom(`${this.name} is stuck`)
    console.log('open', this.name)
  }

  async exit(error?: unknown): Promise<void> {
    console.log('close', this.name, 'on', error instanceof Boom ? error.message : 'nothing')
    if (!this.closes) throw new Boom(`${this.name} fell off`)
  }
}

async function attempt(doors: [Door, Door], error?: Boom): Promise<void> {
  try {
    await use(doors[0], async () => {
      await use(doors[1], () => {
        console.log('inside')
        if (error) throw error
      })
    })
  } catch (boom) {
    if (!(boom instanceof Boom)) throw boom
    console.log('outside with', boom.message)
  }
}

async function main(): Promise<void> {
  await attempt([new Door('gate'), new Door('hatch', { opens: false })])
  await attempt([new Door('gate'), new Door('hatch', { closes: false })])
  await attempt([new Door('gate'), new Door('hatch', { closes: false })], new Boom('fire'))
  await attempt([new Door('gate', { closes: false }), new Door('hatch', { closes: false })], new Boom('fire'))
}

await run(main)
