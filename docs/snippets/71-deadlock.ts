import { Lock, taskGroup } from 'polvo'
import { runVirtual } from 'polvo/testing'

function* transfer(from: Lock, to: Lock) {
  yield* from.acquire()
  yield // whatever takes a while
  yield* to.acquire()
}

const [mine, yours] = [new Lock(), new Lock()]
try {
  await runVirtual(function* main() {
    yield* taskGroup((group) => {
      group.createTask({ name: 'there' }, transfer, mine, yours)
      group.createTask({ name: 'back' }, transfer, yours, mine)
    })
  })
} catch (error) {
  console.log((error as Error).message)
}
