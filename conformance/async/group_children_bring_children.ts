/**
 * While a group waits for its children they may still add others to it; the group waits for those as well.
 */
import { run, sleep, type TaskGroup, taskGroup } from 'polvo'

async function rabbit(warren: TaskGroup, name: string, litters: number): Promise<void> {
  await sleep(0)
  console.log(name, 'is born')
  for (let number = 0; number < litters; number++) {
    warren.createTask(rabbit, warren, `${name}${number}`, litters - 1)
  }
}

async function main(): Promise<void> {
  await taskGroup(async (warren) => {
    warren.createTask(rabbit, warren, 'r', 3)
    console.log('spring')
  })
  console.log('winter')
}

await run(main)
