/**
 * While a group waits for its children they may still add others to it; the group waits for those as well.
 */
import { type Coroutine, run, sleep, type TaskGroup, taskGroup } from 'polvo'

function* rabbit(warren: TaskGroup, name: string, litters: number): Coroutine {
  yield* sleep(0)
  console.log(name, 'is born')
  for (let number = 0; number < litters; number++) {
    warren.createTask(rabbit, warren, `${name}${number}`, litters - 1)
  }
}

function* main(): Coroutine {
  yield* taskGroup(function* (warren) {
    warren.createTask(rabbit, warren, 'r', 3)
    console.log('spring')
  })
  console.log('winter')
}

await run(main)
