/** Channels: as a bounded queue of two ends. Without a buffer, an item is in between for no longer than it is handed over. */
import { type Coroutine, channel, type Receiver, type Sender } from 'polvo'
import type { History } from 'polvo/testing'
import type { Model, Op } from './model.ts'

interface Ends {
  readonly sender: Sender<number>
  readonly receiver: Receiver<number>
  /** Another receiver, so that what was sent is not lost with the last one. */
  readonly spare: Receiver<number>
}

interface State {
  readonly items: readonly number[]
  readonly isEnded: boolean
}

function ends(capacity: number): Model<Ends, State> {
  const most = Math.max(1, capacity)
  const begin = ({ sender, receiver }: Ends, { kind, n }: Op, history: History) => {
    if (kind === 'send') return history.record('send', [n], sender.send(n))
    if (kind === 'receive') return history.record('receive', [], receiver.receive())
    history.recordNow('close', [], () => sender.close())
    return null
  }
  return {
    name: `channel(${capacity})`,
    kinds: ['send', 'receive', 'send', 'receive', 'close'],
    make() {
      const [sender, receiver] = channel<number>(capacity)
      return { sender, receiver, spare: receiver.clone(), toString: () => `${sender} ${receiver}` }
    },
    spec: () => ({
      initial: { items: [], isEnded: false },
      apply({ items, isEnded }, { name, args, outcome, value }) {
        if (name === 'close') return { items, isEnded: true }
        if (name === 'send') {
          if (outcome === 'threw') return isEnded ? { items, isEnded } : undefined
          return items.length < most ? { items: [...items, args[0] as number], isEnded } : undefined
        }
        if (outcome === 'threw') {
          return isEnded && items.length === 0 ? { items, isEnded } : undefined
        }
        const [first, ...rest] = items
        if (first === undefined || (outcome !== 'pending' && first !== value)) return undefined
        return { items: rest, isEnded }
      },
    }),
    *perform(target, op, history): Coroutine {
      const operation = begin(target, op, history)
      if (operation !== null) yield* operation
    },
    async performAsync(target, op, history) {
      const operation = begin(target, op, history)
      if (operation !== null) await operation
    },
    mayWait: ({ sender }, name, pending) =>
      name === 'send'
        ? !pending.includes('receive')
        : !pending.includes('send') && !sender.isClosed && hasNone(sender),
    isFree: () => true,
  }
}

const hasNone = (sender: Sender<number>) => String(sender).includes('items=0/')

export const channels = [ends(0), ends(1), ends(2)]
