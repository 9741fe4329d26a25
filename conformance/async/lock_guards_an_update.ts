/**
 * Reading, waiting and writing without a lock loses updates; with one it
 * does not, even though every task interleaves.
 */
import { call, gather, Lock, run, sleep, use } from 'polvo'

class Account {
  balance = 0
  readonly log: number[] = []

  async deposit(amount: number): Promise<void> {
    const before = this.balance
    await sleep(0)
    this.balance = before + amount
    this.log.push(this.balance)
  }
}

async function guarded(lock: Lock, account: Account, amount: number): Promise<void> {
  await use(lock, () => account.deposit(amount))
}

async function main(): Promise<void> {
  const careless = new Account()
  await gather(...[1, 10, 100, 1000].map((amount) => call(() => careless.deposit(amount))))
  console.log('careless', ...careless.log)

  const [careful, lock] = [new Account(), new Lock()]
  await gather(...[1, 10, 100, 1000].map((amount) => call(guarded, lock, careful, amount)))
  console.log('careful', ...careful.log)
}

await run(main)
