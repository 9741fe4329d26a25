/**
 * Reading, waiting and writing without a lock loses updates; with one it
 * does not, even though every task interleaves.
 */
import { type Coroutine, gather, Lock, run, sleep, use } from 'polvo'

class Account {
  balance = 0
  readonly log: number[] = [];

  *deposit(amount: number): Coroutine {
    const before = this.balance
    yield* sleep(0)
    this.balance = before + amount
    this.log.push(this.balance)
  }
}

function* guarded(lock: Lock, account: Account, amount: number): Coroutine {
  yield* use(lock, () => account.deposit(amount))
}

function* main(): Coroutine {
  const careless = new Account()
  yield* gather(...[1, 10, 100, 1000].map((amount) => careless.deposit(amount)))
  console.log('careless', ...careless.log)

  const [careful, lock] = [new Account(), new Lock()]
  yield* gather(...[1, 10, 100, 1000].map((amount) => guarded(lock, careful, amount)))
  console.log('careful', ...careful.log)
}

await run(main)
