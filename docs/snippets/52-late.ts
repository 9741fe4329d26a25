import { run, TimeoutError, timeout } from 'polvo'
import { createSubprocessShell, PIPE, partialOutput } from 'polvo/node'

await run(async () => {
  const job = await createSubprocessShell('echo first; sleep 0.6; echo second', { stdout: PIPE })
  try {
    await timeout(300, () => job.communicate())
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('so far:', String(partialOutput(error)?.stdout).trim())
  }
  const [stdout] = await job.communicate() // nothing was lost, and the process runs on
  console.log('in the end:', String(stdout).trim().split('\n').join(', '))
})
