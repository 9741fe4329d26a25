import { type Coroutine, fromCallback, type NodeCallback, run } from 'polvo'

// An API of the old kind: each step needs the result of the one before.
const findUser = (name: string, done: NodeCallback<number>) => setTimeout(done, 1, null, name.length)
const findOrders = (user: number, done: NodeCallback<string[]>) =>
  setTimeout(done, 1, null, [`order of ${user}`])
const findPrice = (order: string, done: NodeCallback<number>) => setTimeout(done, 1, null, order.length)

function withCallbacks(name: string, done: (price: number) => void) {
  findUser(name, (error, user) => {
    if (error) throw error // who catches this?
    findOrders(user ?? 0, (error, orders) => {
      if (error) throw error
      findPrice(orders?.[0] ?? '', (error, price) => {
        if (error) throw error
        done(price ?? 0)
      })
    })
  })
}

function* asCoroutine(name: string): Coroutine<number> {
  const user = yield* fromCallback<number>((done) => void findUser(name, done))
  const [order = ''] = yield* fromCallback<string[]>((done) => void findOrders(user, done))
  return yield* fromCallback<number>((done) => void findPrice(order, done))
}

withCallbacks('ida', (price) => console.log('callbacks:', price))
console.log('a coroutine:', await run(asCoroutine('ida')))
