/**
 * Of nested timeouts the one that expires throws: an outer one passes through the inner as a CancelledError,
 * an inner one may be handled on the spot.
 */
import { CancelledError, currentTask, run, sleep, type Timeout, TimeoutError, timeout } from 'polvo'

async function nest(outerDelay: number, innerDelay: number): Promise<void> {
  let outer!: Timeout
  let inner!: Timeout
  try {
    await timeout(outerDelay, async (enteredOuter) => {
      outer = enteredOuter
      try {
        await timeout(innerDelay, async (enteredInner) => {
          inner = enteredInner
          await sleep(1000)
        })
      } catch (error) {
        if (error instanceof TimeoutError) console.log('inner TimeoutError')
        else {
          if (error instanceof CancelledError) console.log('inner CancelledError')
          throw error
        }
      }
      console.log('outer goes on')
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('outer TimeoutError')
  }
  console.log('outer', outer.expired(), 'inner', inner.expired())
  console.log('requests', currentTask()!.cancelling())
}

async function main(): Promise<void> {
  await nest(30, 500)
  await nest(500, 30)
}

await run(main)
