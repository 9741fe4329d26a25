/** A server of two workers: `workers.ts MODE`. It says who answers, and dies when it is asked to. */
import process from 'node:process'
import { sleep } from 'polvo'
import { Application, runApp } from '../../../src/index.ts'

const [mode = ''] = process.argv.slice(2)
const app = new Application()
app.get('/', () => `${process.pid}`)
app.get('/slow', async () => {
  await sleep(300)
  return 'finished'
})
app.get('/crash', () => {
  setImmediate(() => process.exit(7))
  return 'soon'
})
app.get('/stubborn', async () => {
  for (;;) {
    const end = performance.now() + 60_000
    while (performance.now() < end);
  }
})
app.onStop(() => console.log(`closed ${process.pid}`))
if (mode === 'broken') {
  app.onStart(() => {
    throw new Error('no database')
  })
}

await runApp(app, { port: 0, workers: mode === 'none' ? 0 : 2, stopWithin: mode === 'hasty' ? 50 : 5000 })
