/**
 * set() returns a token that restores what was before; a token works once,
 * and only in the context it was made in.
 */
import { ContextVar, copyContext, createTask, run, sleep } from 'polvo'

const depth = new ContextVar('depth', { default: 0 })

async function dive(levels: number): Promise<void> {
  const token = depth.set(depth.get() + 1)
  console.log('down', depth.get())
  await sleep(0)
  if (levels > 1) await dive(levels - 1)
  depth.reset(token)
  console.log('up', depth.get())
}

async function main(): Promise<void> {
  await dive(3)
  let token = depth.set(10)
  depth.set(20)
  depth.reset(token)
  console.log('restored', depth.get())
  try {
    depth.reset(token)
  } catch {
    console.log('error: used twice')
  }

  token = depth.set(30)

  async function stranger(): Promise<void> {
    try {
      depth.reset(token)
    } catch {
      console.log('error: another context')
    }
  }

  await createTask(stranger)
  depth.reset(token)
  console.log('restored', depth.get())
  const copied = copyContext().run(() => {
    depth.set(99)
    return depth.get()
  })
  console.log('copied', copied, depth.get())
}

await run(main)
