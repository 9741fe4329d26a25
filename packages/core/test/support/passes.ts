import { getRunningLoop } from 'polvo'

/** Counts the passes of the loop from now on; time stands still meanwhile. */
export function passCounter(): () => number {
  const loop = getRunningLoop()
  let passes = 0
  const next = () => {
    passes++
    loop.callSoon(next)
  }
  loop.callSoon(next)
  return () => passes
}
