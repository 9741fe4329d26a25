/** Runs on a platform without async context, as a browser is: what Node has is taken away before polvo is loaded. */
const { getBuiltinModule } = process
process.getBuiltinModule = ((name: string) =>
  name === 'node:async_hooks' ? undefined : getBuiltinModule(name)) as typeof getBuiltinModule

const { createTask, run, sleep, taskGroup, timeout } = await import('polvo')

const attempt = async (what: string, program: () => unknown) => {
  try {
    console.log(what, await run(program as () => Generator<never, unknown>))
  } catch (error) {
    console.log(what, (error as Error).name, (error as Error).message)
  }
}

await attempt('generators', function* () {
  const task = createTask({ eager: true }, function* () {
    yield* sleep(1)
    return 1
  })
  const returned = createTask(() => sleep(1, 2))
  const inside = yield* timeout(100, () => sleep(1, 3))
  const plain = yield* timeout(100, () => 4)
  yield* taskGroup(function* (group) {
    group.createTask(sleep, 1)
  })
  return [yield* task, yield* returned, inside, plain].join()
})

await attempt('async main', async function main() {})

await attempt('async body', function* () {
  return yield* timeout(100, async function body() {})
})
