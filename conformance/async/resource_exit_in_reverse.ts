/**
 * Nested resources are given back in reverse order, each seeing the error on
 * its way out; one that swallows it leaves the outer ones in peace.
 */
import { run, sleep, use } from 'polvo'

class Boom extends Error {}

class Room {
  readonly name: string
  readonly forgiving: boolean

  constructor(name: string, { forgiving = false } = {}) {
    this.name = name
    this.forgiving = forgiving
  }

  async enter(): Promise<string> {
    await sleep(0)
    console.log('enter', this.name)
    return this.name
  }

  async exit(error?: unknown): Promise<boolean> {
    await sleep(0)
    console.log('leave', this.name, 'with', error instanceof Boom ? error.message : 'nothing')
    return this.forgiving
  }
}

async function visit(error: Boom | null): Promise<string> {
  const story = await use(new Room('hall'), () =>
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

async function main(): Promise<void> {
  console.log(await visit(null))
  console.log(await visit(new Boom('a mouse')))
}

await run(main)
