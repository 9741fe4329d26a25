import { sleep, taskGroup } from 'polvo'
import { explore } from 'polvo/testing'

const shop = async () => {
  let stock = 1
  const buy = async () => {
    if (stock > 0) await sleep(0).then(() => stock--) // charge the card, hand it out
  }
  await taskGroup(async (group) => {
    group.createTask({ name: 'ann' }, buy)
    await sleep(0) // bob comes a moment later
    group.createTask({ name: 'bob' }, buy)
  })
  if (stock < 0) throw new Error(`sold ${1 - stock} of 1`)
}

await shop() // works
await explore(shop).catch((error) => console.log(error.message))
