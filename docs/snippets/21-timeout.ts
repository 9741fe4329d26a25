import { run, sleep, TimeoutError, timeout } from 'polvo'

async function slow() {
  try {
    await sleep(1000)
  } finally {
    console.log('slow was told, and cleans up')
  }
}

await run(async () => {
  try {
    await timeout(50, slow)
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('too late:', error.message)
  }
})
