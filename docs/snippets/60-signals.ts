import { forEach, run } from 'polvo'
import { signals } from 'polvo/node'

await run(function* () {
  const hangups = signals('SIGHUP')
  setTimeout(() => process.kill(process.pid, 'SIGHUP'), 20)
  setTimeout(() => process.kill(process.pid, 'SIGHUP'), 60)
  let count = 0
  yield* forEach(hangups, (name) => {
    console.log(name, 'means: read the settings again')
    if (++count === 2) hangups.close()
  })
  console.log('listens no more')
})
