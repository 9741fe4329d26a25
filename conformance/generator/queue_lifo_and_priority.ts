/**
 * A LifoQueue gives the latest first; a PriorityQueue the smallest first,
 * ties being decided by the next field of the entry.
 */
import { type Coroutine, LifoQueue, PriorityQueue, run } from 'polvo'

type Entry = [urgency: number, number: number, patient: string]

function* main(): Coroutine {
  const stack = new LifoQueue<string>()
  for (const plate of ['red', 'green', 'blue']) yield* stack.put(plate)
  console.log(yield* stack.get())
  stack.putNowait('white')
  console.log(...Array.from({ length: stack.qsize() }, () => stack.getNowait()))

  let arrival = 0
  const ward = new PriorityQueue<Entry>()
  const patients: [number, string][] = [
    [3, 'cold'],
    [1, 'burn'],
    [2, 'cut'],
    [1, 'bite'],
    [3, 'ache'],
    [1, 'sting'],
  ]
  for (const [urgency, patient] of patients) ward.putNowait([urgency, arrival++, patient])
  while (ward.qsize() > 3) {
    const [urgency, number, patient] = yield* ward.get()
    console.log(urgency, number, patient)
  }
  ward.putNowait([2, arrival++, 'scratch'])
  ward.putNowait([0, arrival++, 'fever'])
  while (!ward.empty()) {
    const [urgency, number, patient] = ward.getNowait()
    console.log(urgency, number, patient)
  }
}

await run(main)
