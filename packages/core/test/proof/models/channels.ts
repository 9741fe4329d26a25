/** Channels: as a bounded queue of two ends. Without a buffer, an item is in between for no longer than it is handed over. */
import { type Coroutine, channel, type Receiver, type Sender } from 'polvo'
import type { History, RecordedOperation } from 'polvo/testing'
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
    spec: (operations) => ({
      initial: { items: [], isEnded: false },
      apply({ items, isEnded }, { name, args, outcome, value }) {
        if (name === 'close') return { items, isEnded: true }
        if (name === 'send') {
          if (outcome === 'threw') return isEnded ? { items, isEnded } : undefined
          return items.length < most + givenBack(operations)
            ? { items: [...items, args[0] as number], isEnded }
            : undefined
        }
        if (outcome === 'threw') {
          return isEnded && items.length <= givenBack(operations) ? { items, isEnded } : undefined
        }
        const taken = outcome === 'pending' ? 0 : items.indexOf(value as number)
        if (items.length === 0 || taken < 0) return undefined
        if (taken > givenBack(operations)) return undefined
        return { items: items.filter((_, i) => i !== taken), isEnded }
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

/**
 * How many items may have been given back. An item is given to whoever waits, and its sender goes on. Where the receiver is
 * cancelled before it has run, the item goes to the next one, or into the buffer, be that full; by then it may be behind an
 * item that was sent after it, and another receiver may have been told that nothing more comes.
 */
const givenBack = (operations: readonly RecordedOperation[]) =>
  operations.filter(({ name, outcome }) => name === 'receive' && outcome === 'cancelled').length

const hasNone = (sender: Sender<number>) => String(sender).includes('items=0/')

export const channels = [ends(0), ends(1), ends(2)]
