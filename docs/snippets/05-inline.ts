import { type Coroutine, createTask, getRunningLoop, run } from 'polvo'

function* double(n: number): Coroutine<number> {
  return 2 * n
}

function* main(): Coroutine {
  getRunningLoop().callSoon(() => console.log('(the loop had a turn)'))
  console.log(yield* double(1))
  console.log(yield* double(2))
  console.log('as a task:')
  console.log(yield* createTask(double, 3))
}

await run(main)
