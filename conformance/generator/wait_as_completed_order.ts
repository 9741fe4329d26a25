/**
 * asCompleted delivers in the order of completion: awaitables of results when iterated plainly, the original
 * tasks when iterated with forEach.
 */
import { asCompleted, type Coroutine, createTask, forEach, run, sleep, type Task } from 'polvo'

function* letter(name: string, delay: number): Coroutine<string> {
  yield* sleep(delay)
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

function* main(): Coroutine {
  for (const arrival of asCompleted(post().values())) console.log(yield* arrival)

  const sent = post()
  yield* forEach(asCompleted(sent.values()), function* (completed) {
    const task = completed as Task<string>
    const original = task === sent.get(task.getName())
    console.log(task.getName(), original, yield* task)
  })
}

await run(main)
