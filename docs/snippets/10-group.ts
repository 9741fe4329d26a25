import { ExceptionGroup, run, sleep, taskGroup } from 'polvo'

async function fetchPart(name: string, ms: number) {
  try {
    await sleep(ms)
    if (name === 'b') throw new Error('b is missing')
    console.log(name, 'is here')
  } finally {
    console.log(name, 'ends')
  }
}

await run(async () => {
  try {
    await taskGroup(async (group) => {
      group.createTask(fetchPart, 'a', 10)
      group.createTask(fetchPart, 'b', 60)
      group.createTask(fetchPart, 'c', 500)
    })
  } catch (error) {
    if (!(error instanceof ExceptionGroup)) throw error
    console.log(error.errors.map(String).join(', '))
  }
})
