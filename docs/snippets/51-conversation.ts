import { run, use } from 'polvo'
import { createSubprocessShell, PIPE } from 'polvo/node'

await run(function* () {
  const pipes = { stdin: PIPE, stdout: PIPE }
  yield* use(createSubprocessShell('while read n; do echo $((n * n)); done', pipes), function* (child) {
    for (const n of [3, 12]) {
      child.stdin.write(`${n}\n`)
      console.log(n, 'squared is', String(yield* child.stdout.readline()).trim())
    }
  })
  console.log('it was left, and is gone')
})
