import { call, gather, sleep } from 'polvo'
import { checkLinearizable, History, runVirtual } from 'polvo/testing'

/** Counts visitors, and loses some. */
class Counter {
  #count = 0
  async visit() {
    const before = this.#count
    await sleep(0)
    this.#count = before + 1
    return this.#count
  }
}

const history = new History()
const counter = new Counter()
await runVirtual(async () => {
  await gather(
    () =>
      history.record(
        'visit',
        [],
        call(() => counter.visit()),
      ),
    () =>
      history.record(
        'visit',
        [],
        call(() => counter.visit()),
      ),
  )
})

const model = {
  initial: 0,
  apply: (count: number, { value }: { value: unknown }) => (value === count + 1 ? count + 1 : undefined),
}
try {
  checkLinearizable(model, history)
} catch (error) {
  console.log((error as Error).message)
}
