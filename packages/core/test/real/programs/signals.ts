/** Programs for signals.test.ts: `node signals.ts NAME`. Each says READY once it runs. */
import { forEach, run, sleep } from 'polvo'
import { addSignalHandler, main, signals } from 'polvo/node'

const programs: Record<string, () => unknown> = {
  /** The signal of a handler that went with its run does again what it did before. */
  handlerOfARunThatIsOver() {
    return run(() => addSignalHandler('SIGUSR2', () => console.log('handled'))).then(() => {
      console.log('READY')
      setTimeout(() => {}, 5000)
    })
  },
  /** main() leaves a signal to the program that handles it. */
  handlesItself() {
    return main(async () => {
      const stop = signals('SIGTERM')
      console.log('READY')
      for await (const name of stop) {
        console.log(name)
        break
      }
      await sleep(10)
      console.log('done')
    })
  },
  reloads() {
    return main(function* () {
      console.log('READY')
      yield* forEach(signals('SIGHUP', 'SIGTERM'), (name) => {
        console.log(name)
        if (name === 'SIGTERM') process.exit(0)
      })
    })
  },
}

await programs[process.argv[2] as string]?.()
