import { run } from 'polvo'
import { createSubprocessExec, PIPE } from 'polvo/node'

await run(async () => {
  const sort = await createSubprocessExec({ stdin: PIPE, stdout: PIPE }, 'sort', '-r')
  const [stdout] = await sort.communicate('apple\nbanana\ncherry\n')
  console.log(String(stdout).split('\n').join(' '))
  console.log('returncode', sort.returncode)
})
