/**
 * stop() lets the current pass finish; what that pass scheduled waits until the loop is started again.
 */
import { newEventLoop } from 'polvo'

const loop = newEventLoop()

function left(): void {
  console.log('left')
  loop.callSoon(console.log, 'echo of left')
}

function halt(): void {
  console.log('halt')
  loop.stop()
  console.log('still running', loop.isRunning())
}

loop.callSoon(left)
loop.callSoon(halt)
loop.callSoon(console.log, 'right')
await loop.runForever()
console.log('paused, running', loop.isRunning())

loop.callSoon(() => loop.stop())
await loop.runForever()
console.log('paused again')

loop.close()
console.log('closed', loop.isClosed())
