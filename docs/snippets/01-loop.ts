import { newEventLoop } from 'polvo'

const loop = newEventLoop()
loop.callSoon(() => {
  console.log('first')
  loop.callSoon(() => console.log('third: scheduled meanwhile'))
})
loop.callSoon(() => console.log('second'))
loop.callLater(20, () => {
  console.log('a timer')
  loop.stop()
})
await loop.runForever()
