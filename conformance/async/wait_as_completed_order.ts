/**
 * asCompleted delivers in the order of completion: awaitables of results when iterated plainly, the original
 * tasks when iterated with for await.
 */
import { asCompleted, createTask, run, sleep, type Task } from 'polvo'

async function letter(name: string, delay: number): Promise<string> {
  await sleep(delay)
  return `from ${name}`
}

function post(): Map<string, Task<string>> {
  const letters = [
    ['rome', 180],
    ['oslo', 60],
    ['lima', 120],
  ] as const
  return new Map(letters.map(([name, delay]) => [name, createTask({ name }, letter, name, delay)]))
}

async function main(): Promise<void> {
  for (const arrival of asCompleted(post().values())) console.log(await arrival)

  const sent = post()
  for await (const completed of asCompleted(sent.values())) {
    const task = completed as Task<string>
    const original = task === sent.get(task.getName())
    console.log(task.getName(), original, await task)
  }
}

await run(main)
