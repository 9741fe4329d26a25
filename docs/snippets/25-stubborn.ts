import { getRunningLoop, run, sleep, TimeoutError, timeout } from 'polvo'

async function stubborn() {
  for (;;) {
    try {
      await sleep(1000)
    } catch {
      console.log('swallowed')
    }
  }
}

await run(
  async () => {
    getRunningLoop().setExceptionHandler((_, report) => console.log(report.message))
    const alive = setInterval(() => {}, 1000) // grace periods alone do not keep a process alive
    try {
      await timeout(50, stubborn)
    } catch (error) {
      console.log(error instanceof TimeoutError, 'and the caller goes on')
    }
    clearInterval(alive)
  },
  { cancelGrace: 100 },
)
