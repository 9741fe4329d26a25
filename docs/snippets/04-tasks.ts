import { type Coroutine, createTask, run } from 'polvo'

function* count(name: string): Coroutine<string> {
  for (let i = 1; i <= 3; i++) {
    console.log(name, i)
    yield
  }
  return `${name} is done`
}

function* main(): Coroutine {
  const a = createTask(count, 'a')
  const b = createTask(count, 'b')
  console.log('made, not started')
  console.log(yield* a)
  console.log(yield* b)
}

await run(main)
