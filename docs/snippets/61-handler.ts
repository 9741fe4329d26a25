import { Event, run } from 'polvo'
import { addSignalHandler, removeSignalHandler } from 'polvo/node'

await run(async () => {
  const stop = new Event()
  addSignalHandler('SIGUSR2', () => stop.set())
  setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 20)
  await stop.wait()
  console.log('told to stop;', removeSignalHandler('SIGUSR2') ? 'the handler was removed' : 'there was none')
})
