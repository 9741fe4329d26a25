import { Lock, sleep, taskGroup, use } from 'polvo'
import { exploreAll } from 'polvo/testing'

const exploration = await exploreAll(async () => {
  const lock = new Lock()
  let inside = 0
  await taskGroup((group) => {
    for (let i = 0; i < 3; i++) {
      group.createTask(async () => {
        await use(lock, async () => {
          if (++inside > 1) throw new Error('two at once')
          await sleep(0)
          inside--
        })
      })
    }
  })
})
console.log(String(exploration))
