import {
  BrokenResource,
  channel,
  createTask,
  EndOfChannel,
  forEach,
  getRunningLoop,
  type Receiver,
  rethrowCancelled,
  type Sender,
  sleep,
  type Task,
  taskGroup,
  timeout,
  wait,
  waitFor,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract, neverAwaited } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* send(sender: Sender<unknown>, item: unknown, print: Print) {
  try {
    yield* sender.send(item)
    print('sent', item)
  } catch (error) {
    print('sending', item, error)
    rethrowCancelled(error)
  }
}

async function sendAsync(sender: Sender<unknown>, item: unknown, print: Print) {
  try {
    await sender.send(item)
    print('sent', item)
  } catch (error) {
    print('sending', item, error)
    rethrowCancelled(error)
  }
}

function* receive(receiver: Receiver<unknown>, name: string, print: Print) {
  try {
    print(name, 'got', yield* receiver.receive())
  } catch (error) {
    print(name, error)
    rethrowCancelled(error)
  }
}

async function receiveAsync(receiver: Receiver<unknown>, name: string, print: Print) {
  try {
    print(name, 'got', await receiver.receive())
  } catch (error) {
    print(name, error)
    rethrowCancelled(error)
  }
}

describe('from hand to hand', () => {
  bothSpellings(
    'by default a send waits for its receiver',
    ['receiving at 10', 'sent 1 at 10', 'got 1', 'sent 2 at 20', 'got 2'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        createTask(function* () {
          for (const item of [1, 2]) {
            yield* sender.send(item)
            print('sent', item, 'at', now())
          }
        })
        yield* sleep(10)
        print('receiving at', now())
        const first = yield* receiver.receive()
        yield
        print('got', first)
        yield* sleep(10)
        const second = yield* receiver.receive()
        yield
        print('got', second)
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        createTask(async () => {
          for (const item of [1, 2]) {
            await sender.send(item)
            print('sent', item, 'at', now())
          }
        })
        await sleep(10)
        print('receiving at', now())
        const first = await receiver.receive()
        await sleep(0)
        print('got', first)
        await sleep(10)
        const second = await receiver.receive()
        await sleep(0)
        print('got', second)
      },
    },
  )

  bothSpellings(
    'receivers are served in the order they came, senders are relieved in the order they came',
    ['a got 1', 'b got 2', '-', 'c got 3', 'd got 4', 'sent 3', 'sent 4'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        for (const name of ['a', 'b']) createTask(receive, receiver, name, print)
        yield* sleep(1)
        for (const item of [1, 2]) yield* sender.send(item)
        yield* sleep(1)
        print('-')
        for (const item of [3, 4]) createTask(send, sender, item, print)
        yield* sleep(1)
        for (const name of ['c', 'd']) createTask(receive, receiver, name, print)
        yield* sleep(1)
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        for (const name of ['a', 'b']) createTask(receiveAsync, receiver, name, print)
        await sleep(1)
        for (const item of [1, 2]) await sender.send(item)
        await sleep(1)
        print('-')
        for (const item of [3, 4]) createTask(sendAsync, sender, item, print)
        await sleep(1)
        for (const name of ['c', 'd']) createTask(receiveAsync, receiver, name, print)
        await sleep(1)
      },
    },
  )

  bothSpellings(
    'send() and receive() are checkpoints only where they wait',
    ['buffered 0', 'taken from the buffer 0', 'given to a receiver 0', 'taken from a sender 0', 'waited 2'],
    {
      *generator(print) {
        const [sender, receiver] = channel<string>(1)
        let passes = passCounter()
        yield* sender.send('item')
        print('buffered', passes())
        yield* receiver.receive()
        print('taken from the buffer', passes())
        createTask(receiver.receive())
        yield
        passes = passCounter()
        yield* sender.send('item')
        print('given to a receiver', passes())
        yield
        yield* sender.send('buffered')
        createTask(sender.send('waiting'))
        yield
        yield
        passes = passCounter()
        yield* receiver.receive()
        yield* receiver.receive()
        print('taken from a sender', passes())
        // One pass until then, and one behind it.
        passes = passCounter()
        getRunningLoop().callSoon(() => sender.sendNowait('late'))
        yield* receiver.receive()
        print('waited', passes())
      },
      async async(print) {
        const [sender, receiver] = channel<string>(1)
        let passes = passCounter()
        await sender.send('item')
        print('buffered', passes())
        await receiver.receive()
        print('taken from the buffer', passes())
        createTask(receiver.receive())
        await sleep(0)
        passes = passCounter()
        await sender.send('item')
        print('given to a receiver', passes())
        await sleep(0)
        await sender.send('buffered')
        createTask(sender.send('waiting'))
        await sleep(0)
        await sleep(0)
        passes = passCounter()
        await receiver.receive()
        await receiver.receive()
        print('taken from a sender', passes())
        passes = passCounter()
        getRunningLoop().callSoon(() => sender.sendNowait('late'))
        await receiver.receive()
        print('waited', passes())
      },
    },
  )

  bothSpellings('undefined and null are items like any other', ['undefined', 'null'], {
    *generator(print) {
      const [sender, receiver] = channel(2)
      yield* sender.send(undefined)
      yield* sender.send(null)
      print(yield* receiver.receive())
      print(yield* receiver.receive())
    },
    async async(print) {
      const [sender, receiver] = channel(2)
      await sender.send(undefined)
      await sender.send(null)
      print(await receiver.receive())
      print(await receiver.receive())
    },
  })
})

describe('the buffer', () => {
  bothSpellings(
    'holds as many items as it has room for; the rest waits, and moves up in order',
    ['sent 1', 'sent 2', '<Sender open items=2/2>', 'got 1', 'sent 3', 'got 2', 'sent 4', 'got 3', 'got 4'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>(2)
        for (const item of [1, 2, 3, 4]) createTask(send, sender, item, print)
        yield* sleep(1)
        print(sender)
        for (let i = 0; i < 4; i++) {
          print('got', yield* receiver.receive())
          yield* sleep(1)
        }
      },
      async async(print) {
        const [sender, receiver] = channel<number>(2)
        for (const item of [1, 2, 3, 4]) createTask(sendAsync, sender, item, print)
        await sleep(1)
        print(sender)
        for (let i = 0; i < 4; i++) {
          print('got', await receiver.receive())
          await sleep(1)
        }
      },
    },
  )

  test('of a capacity without end never makes a sender wait', async () => {
    const trace = await traceOf(function* (print) {
      const [sender, receiver] = channel<number>(Number.POSITIVE_INFINITY)
      const passes = passCounter()
      for (let i = 0; i < 10_000; i++) yield* sender.send(i)
      print(passes(), sender)
      let sum = 0
      for (let i = 0; i < 10_000; i++) sum += receiver.receiveNowait()
      print(sum)
    })
    expect(trace).toEqual(['0 <Sender open items=10000/Infinity>', '49995000'])
  })

  test('sendNowait() and receiveNowait() do it at once or not at all, with errors of their own', async () => {
    const trace = await traceOf(function* (print) {
      const attempt = (act: () => unknown) => {
        try {
          print(act())
        } catch (error) {
          print(error, (error as { code?: string }).code)
        }
      }
      const [sender, receiver] = channel<number>(1)
      attempt(() => receiver.receiveNowait())
      attempt(() => sender.sendNowait(1))
      attempt(() => sender.sendNowait(2))
      attempt(() => receiver.receiveNowait())
      createTask(receive, receiver, 'a', print)
      yield
      attempt(() => sender.sendNowait(3))
      attempt(() => sender.sendNowait(4))
      yield
      createTask(send, sender, 5, print)
      yield
      attempt(() => receiver.receiveNowait())
      attempt(() => receiver.receiveNowait())
      yield
    })
    expect(trace).toEqual([
      'QueueEmpty POLVO_QUEUE_EMPTY',
      'undefined',
      'QueueFull POLVO_QUEUE_FULL',
      '1',
      'undefined',
      'undefined',
      'a got 3',
      '4',
      '5',
      'sent 5',
    ])
  })

  refuses('channel()', [-1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, '2', null], (capacity) =>
    channel(capacity),
  )
})

describe('closing', () => {
  bothSpellings(
    'the last sender ends the stream: what was sent is still received',
    ['false', 'true', '1', '2', 'EndOfChannel POLVO_END_OF_CHANNEL', 'EndOfChannel POLVO_END_OF_CHANNEL'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>(2)
        yield* sender.send(1)
        yield* sender.send(2)
        print(sender.isClosed)
        sender.close()
        print(sender.isClosed)
        print(yield* receiver.receive())
        print(yield* receiver.receive())
        try {
          yield* receiver.receive()
        } catch (error) {
          print(error, (error as EndOfChannel).code)
        }
        try {
          receiver.receiveNowait()
        } catch (error) {
          print(error, (error as EndOfChannel).code)
        }
      },
      async async(print) {
        const [sender, receiver] = channel<number>(2)
        await sender.send(1)
        await sender.send(2)
        print(sender.isClosed)
        sender.close()
        print(sender.isClosed)
        print(await receiver.receive())
        print(await receiver.receive())
        try {
          await receiver.receive()
        } catch (error) {
          print(error, (error as EndOfChannel).code)
        }
        try {
          receiver.receiveNowait()
        } catch (error) {
          print(error, (error as EndOfChannel).code)
        }
      },
    },
  )

  bothSpellings(
    'the last sender wakes receivers that wait, the last receiver wakes senders that wait',
    ['a EndOfChannel', 'b EndOfChannel', '-', 'sending 1 BrokenResource', 'sending 2 BrokenResource'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        const receiving = ['a', 'b'].map((name) => createTask(receive, receiver, name, print))
        yield* sleep(1)
        sender.close()
        yield* wait(receiving)
        print('-')
        const [sender2, receiver2] = channel<number>()
        const sending = [1, 2].map((item) => createTask(send, sender2, item, print))
        yield* sleep(1)
        receiver2.close()
        yield* wait(sending)
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        const receiving = ['a', 'b'].map((name) => createTask(receiveAsync, receiver, name, print))
        await sleep(1)
        sender.close()
        await wait(receiving)
        print('-')
        const [sender2, receiver2] = channel<number>()
        const sending = [1, 2].map((item) => createTask(sendAsync, sender2, item, print))
        await sleep(1)
        receiver2.close()
        await wait(sending)
      },
    },
  )

  bothSpellings(
    'a send that waits outlives its handle: the item is received',
    ['got 1', 'sent 1', 'EndOfChannel'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        createTask(send, sender, 1, print)
        yield* sleep(1)
        sender.close()
        print('got', yield* receiver.receive())
        yield
        try {
          yield* receiver.receive()
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        createTask(sendAsync, sender, 1, print)
        await sleep(1)
        sender.close()
        print('got', await receiver.receive())
        await sleep(0)
        try {
          await receiver.receive()
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings(
    'a receive that waits ends when its handle is closed, and no other is left',
    ['a ClosedResource', 'sending 1 BrokenResource'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        const a = createTask(receive, receiver, 'a', print)
        yield* sleep(1)
        receiver.close()
        yield* wait([a], { timeout: 10 })
        const sending = createTask(send, sender, 1, print)
        yield* wait([sending])
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        const a = createTask(receiveAsync, receiver, 'a', print)
        await sleep(1)
        receiver.close()
        await wait([a], { timeout: 10 })
        const sending = createTask(sendAsync, sender, 1, print)
        await wait([sending])
      },
    },
  )

  bothSpellings(
    'a handle that is closed refuses, and says so; closing again does nothing',
    Array(6).fill('ClosedResource POLVO_CLOSED_RESOURCE'),
    {
      *generator(print) {
        const [sender, receiver] = channel<number>(5)
        const others = [sender.clone(), receiver.clone()]
        for (const end of [sender, receiver, sender, receiver]) end.close()
        for (const act of [
          () => sender.sendNowait(1),
          () => sender.clone(),
          () => receiver.receiveNowait(),
          () => receiver.clone(),
        ]) {
          try {
            act()
          } catch (error) {
            print(error, (error as EndOfChannel).code)
          }
        }
        try {
          yield* sender.send(1)
        } catch (error) {
          print(error, (error as EndOfChannel).code)
        }
        try {
          yield* receiver.receive()
        } catch (error) {
          print(error, (error as EndOfChannel).code)
        }
        for (const end of others) end.close()
      },
      async async(print) {
        const [sender, receiver] = channel<number>(5)
        const others = [sender.clone(), receiver.clone()]
        for (const end of [sender, receiver, sender, receiver]) end.close()
        for (const act of [
          () => sender.sendNowait(1),
          () => sender.clone(),
          () => receiver.receiveNowait(),
          () => receiver.clone(),
          () => sender.send(1),
          () => receiver.receive(),
        ]) {
          try {
            await act()
          } catch (error) {
            print(error, (error as EndOfChannel).code)
          }
        }
        for (const end of others) end.close()
      },
    },
  )

  bothSpellings(
    'an end lives as long as one of its clones',
    ['got 1', 'got 2', 'EndOfChannel', '-', 'BrokenResource'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>(1)
        const clone = sender.clone()
        yield* sender.send(1)
        sender.close()
        print('got', yield* receiver.receive())
        yield* clone.send(2)
        clone.close()
        print('got', yield* receiver.receive())
        try {
          yield* receiver.receive()
        } catch (error) {
          print(error)
        }
        const [sender2, receiver2] = channel<number>(1)
        const listener = receiver2.clone()
        receiver2.close()
        yield* sender2.send(1)
        listener.close()
        print('-')
        try {
          yield* sender2.send(2)
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const [sender, receiver] = channel<number>(1)
        const clone = sender.clone()
        await sender.send(1)
        sender.close()
        print('got', await receiver.receive())
        await clone.send(2)
        clone.close()
        print('got', await receiver.receive())
        try {
          await receiver.receive()
        } catch (error) {
          print(error)
        }
        const [sender2, receiver2] = channel<number>(1)
        const listener = receiver2.clone()
        receiver2.close()
        await sender2.send(1)
        listener.close()
        print('-')
        try {
          await sender2.send(2)
        } catch (error) {
          print(error)
        }
      },
    },
  )

  test('a handle is closed at the end of the block that uses it', () => {
    const [sender, receiver] = channel<number>(1)
    {
      using _sender = sender
      using _receiver = receiver
    }
    expect([sender.isClosed, receiver.isClosed]).toEqual([true, true])
    expect(String(sender)).toBe('<Sender closed items=0/1>')
    expect(String(receiver)).toBe('<Receiver closed items=0/1>')
  })

  test('sendNowait() without receivers says that nobody listens', () => {
    const [sender, receiver] = channel<number>(1)
    receiver.close()
    expect(() => sender.sendNowait(1)).toThrow(BrokenResource)
  })
})

describe('as a stream', () => {
  bothSpellings('forEach() and for await take items until the senders are closed', ['1', '2', '3', 'end'], {
    *generator(print) {
      const [sender, receiver] = channel<number>()
      yield* taskGroup(function* (group) {
        group.createTask(function* () {
          using _ = sender
          for (const item of [1, 2, 3]) yield* sender.send(item)
        })
        yield* forEach(receiver, (item) => print(item))
        print('end')
      })
    },
    async async(print) {
      const [sender, receiver] = channel<number>()
      await taskGroup(async (group) => {
        group.createTask(async () => {
          using _ = sender
          for (const item of [1, 2, 3]) await sender.send(item)
        })
        for await (const item of receiver) print(item)
        print('end')
      })
    },
  })

  bothSpellings(
    'next() gives items, then the end, again and again',
    ['false 1', 'true undefined', 'true undefined'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>(1)
        sender.sendNowait(1)
        sender.close()
        for (let i = 0; i < 3; i++) {
          const { done, value } = yield* receiver.next()
          print(done, value)
        }
      },
      async async(print) {
        const [sender, receiver] = channel<number>(1)
        sender.sendNowait(1)
        sender.close()
        for (let i = 0; i < 3; i++) {
          const { done, value } = await receiver.next()
          print(done, value)
        }
      },
    },
  )

  bothSpellings('next() of a closed handle is an error, and not the end', ['ClosedResource'], {
    *generator(print) {
      const [, receiver] = channel<number>(1)
      receiver.close()
      try {
        yield* receiver.next()
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const [, receiver] = channel<number>(1)
      receiver.close()
      try {
        await receiver.next()
      } catch (error) {
        print(error)
      }
    },
  })

  bothSpellings('several consumers share the items, each is received once', ['1,2,3,4,5,6'], {
    *generator(print) {
      const [sender, receiver] = channel<number>()
      const got: number[] = []
      yield* taskGroup(function* (group) {
        for (let i = 0; i < 3; i++)
          group.createTask(function* () {
            yield* forEach(receiver, function* (item) {
              got.push(item)
              yield* sleep(item)
            })
          })
        for (let item = 1; item <= 6; item++) yield* sender.send(item)
        sender.close()
      })
      print(got.sort().join())
    },
    async async(print) {
      const [sender, receiver] = channel<number>()
      const got: number[] = []
      await taskGroup(async (group) => {
        for (let i = 0; i < 3; i++)
          group.createTask(async () => {
            for await (const item of receiver) {
              got.push(item)
              await sleep(item)
            }
          })
        for (let item = 1; item <= 6; item++) await sender.send(item)
        sender.close()
      })
      print(got.sort().join())
    },
  })
})

describe('cancelling', () => {
  bothSpellings(
    'a sender that waits sent nothing',
    ['sending 1 CancelledError', 'got 2', 'sent 2', 'QueueEmpty'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        const [first] = [1, 2].map((item) => createTask(send, sender, item, print))
        yield* sleep(1)
        first?.cancel()
        yield* sleep(1)
        print('got', receiver.receiveNowait())
        yield* sleep(1)
        try {
          receiver.receiveNowait()
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        const [first] = [1, 2].map((item) => createTask(sendAsync, sender, item, print))
        await sleep(1)
        first?.cancel()
        await sleep(1)
        print('got', receiver.receiveNowait())
        await sleep(1)
        try {
          receiver.receiveNowait()
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings(
    'a sender that is cancelled before it has run again, though not before its item was taken, has sent it: the cancellation is for its next await',
    ['got 1', 'sent', 'CancelledError'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        const sending = createTask(function* () {
          yield* sender.send(1)
          print('sent')
          try {
            yield* sleep(1)
          } catch (error) {
            print(error)
          }
        })
        yield* sleep(1)
        print('got', receiver.receiveNowait())
        sending.cancel()
        yield* sending
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        const sending = createTask(async () => {
          await sender.send(1)
          print('sent')
          try {
            await sleep(1)
          } catch (error) {
            print(error)
          }
        })
        await sleep(1)
        print('got', receiver.receiveNowait())
        sending.cancel()
        await sending
      },
    },
  )

  bothSpellings(
    'a sender whose item was taken as its time limit passed has sent it, and is not late',
    ['received 1', 'sent at 10'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        getRunningLoop().callAt(10, () => print('received', receiver.receiveNowait()))
        try {
          yield* timeout(10, () => sender.send(1))
          print('sent at', now())
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        getRunningLoop().callAt(10, () => print('received', receiver.receiveNowait()))
        try {
          await timeout(10, () => sender.send(1))
          print('sent at', now())
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
  )

  bothSpellings('a receiver that waits takes nothing', ['a CancelledError', 'b got 1', 'QueueEmpty'], {
    *generator(print) {
      const [sender, receiver] = channel<number>()
      const [a] = ['a', 'b'].map((name) => createTask(receive, receiver, name, print))
      yield* sleep(1)
      a?.cancel()
      yield* sender.send(1)
      yield* sleep(1)
      try {
        receiver.receiveNowait()
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const [sender, receiver] = channel<number>()
      const [a] = ['a', 'b'].map((name) => createTask(receiveAsync, receiver, name, print))
      await sleep(1)
      a?.cancel()
      await sender.send(1)
      await sleep(1)
      try {
        receiver.receiveNowait()
      } catch (error) {
        print(error)
      }
    },
  })

  bothSpellings(
    'a receiver that was given an item gives it back: to the next, or for later, before all others',
    ['a CancelledError', 'b got 1', 'c CancelledError', 'got 2', 'got 3'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>(1)
        const [a] = ['a', 'b'].map((name) => createTask(receive, receiver, name, print))
        yield* sleep(1)
        sender.sendNowait(1)
        a?.cancel()
        yield* sleep(1)
        const c = createTask(receive, receiver, 'c', print)
        yield* sleep(1)
        sender.sendNowait(2)
        sender.sendNowait(3)
        c.cancel()
        yield* sleep(1)
        print('got', receiver.receiveNowait())
        print('got', receiver.receiveNowait())
      },
      async async(print) {
        const [sender, receiver] = channel<number>(1)
        const [a] = ['a', 'b'].map((name) => createTask(receiveAsync, receiver, name, print))
        await sleep(1)
        sender.sendNowait(1)
        a?.cancel()
        await sleep(1)
        const c = createTask(receiveAsync, receiver, 'c', print)
        await sleep(1)
        sender.sendNowait(2)
        sender.sendNowait(3)
        c.cancel()
        await sleep(1)
        print('got', receiver.receiveNowait())
        print('got', receiver.receiveNowait())
      },
    },
  )

  bothSpellings(
    'an item that is given back reaches a receiver that the end of the channel has woken meanwhile',
    ['a CancelledError', 'b got 1'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        const tasks = ['a', 'b'].map((name) => createTask(receive, receiver, name, print))
        yield* sleep(1)
        sender.sendNowait(1)
        sender.close()
        tasks[0]?.cancel()
        yield* wait(tasks)
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        const tasks = ['a', 'b'].map((name) => createTask(receiveAsync, receiver, name, print))
        await sleep(1)
        sender.sendNowait(1)
        sender.close()
        tasks[0]?.cancel()
        await wait(tasks)
      },
    },
  )

  bothSpellings(
    'what is given back is there at once: before what is sent then, and before the end of the channel',
    ['a CancelledError', 'b got 1', 'c got 2', 'got 3', 'then EndOfChannel', 'd CancelledError'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>(1)
        const [a] = ['a', 'b', 'c'].map((name) => createTask(receive, receiver, name, print))
        yield* sleep(1)
        sender.sendNowait(1)
        a?.cancel()
        sender.sendNowait(2)
        yield* sleep(1)
        const d = createTask(receive, receiver, 'd', print)
        yield* sleep(1)
        sender.sendNowait(3)
        d.cancel()
        sender.close()
        print('got', yield* receiver.receive())
        yield* receive(receiver, 'then', print)
      },
      async async(print) {
        const [sender, receiver] = channel<number>(1)
        const [a] = ['a', 'b', 'c'].map((name) => createTask(receiveAsync, receiver, name, print))
        await sleep(1)
        sender.sendNowait(1)
        a?.cancel()
        sender.sendNowait(2)
        await sleep(1)
        const d = createTask(receiveAsync, receiver, 'd', print)
        await sleep(1)
        sender.sendNowait(3)
        d.cancel()
        sender.close()
        print('got', await receiver.receive())
        await receiveAsync(receiver, 'then', print)
      },
    },
  )

  bothSpellings('a time limit on receive() loses no item', ['TimeoutError', 'got 1'], {
    *generator(print) {
      const [sender, receiver] = channel<number>()
      getRunningLoop().callAt(10, () => {
        createTask(sender.send(1))
      })
      try {
        yield* waitFor(receiver.receive(), 10)
      } catch (error) {
        print(error)
      }
      print('got', yield* receiver.receive())
    },
    async async(print) {
      const [sender, receiver] = channel<number>()
      getRunningLoop().callAt(10, () => {
        createTask(sender.send(1))
      })
      try {
        await waitFor(receiver.receive(), 10)
      } catch (error) {
        print(error)
      }
      print('got', await receiver.receive())
    },
  })
})

describe('misuse', () => {
  keepsTheOperationContract('sender.send(1)', () => channel<number>(1)[0].send(1))
  keepsTheOperationContract('receiver.receive()', () => {
    const [sender, receiver] = channel<number>(1)
    sender.sendNowait(1)
    return receiver.receive()
  })
  keepsTheOperationContract('receiver.next()', () => {
    const [sender, receiver] = channel<number>(1)
    sender.close()
    return receiver.next()
  })

  bothSpellings('a send that nobody awaits sends nothing', ['QueueEmpty', neverAwaited('sender.send("x")')], {
    *generator(print) {
      const [sender, receiver] = channel<string>(1)
      sender.send('x')
      yield
      try {
        receiver.receiveNowait()
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const [sender, receiver] = channel<string>(1)
      sender.send('x')
      await sleep(0)
      try {
        receiver.receiveNowait()
      } catch (error) {
        print(error)
      }
    },
  })
})

test('under random senders, receivers, closings and cancellations each item that was sent is received once', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const roll = (sides: number) => Math.floor(random() * sides)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const [sender, receiver] = channel<string>(roll(3))
        const sent: string[] = []
        const received: string[] = []
        const senders: Task<void>[] = []
        const receivers: Task<void>[] = []
        for (let i = 0; i < 4; i++) {
          const own = sender.clone()
          const pause = roll(3)
          if (spelling === 'generators')
            senders.push(
              createTask(function* () {
                using handle = own
                for (let n = 0; n < 5; n++) {
                  yield* handle.send(`${i}-${n}`)
                  sent.push(`${i}-${n}`)
                  yield* sleep(pause)
                }
              }),
            )
          else
            senders.push(
              createTask(async () => {
                using handle = own
                for (let n = 0; n < 5; n++) {
                  await handle.send(`${i}-${n}`)
                  sent.push(`${i}-${n}`)
                  await sleep(pause)
                }
              }),
            )
        }
        sender.close()
        // The last receiver is never cancelled, so that somebody takes what is left.
        for (let i = 0; i < 4; i++) {
          const pause = roll(3)
          if (spelling === 'generators')
            receivers.push(
              createTask(function* () {
                try {
                  for (;;) {
                    received.push(yield* receiver.receive())
                    yield* sleep(pause)
                  }
                } catch (error) {
                  if (!(error instanceof EndOfChannel)) throw error
                }
              }),
            )
          else
            receivers.push(
              createTask(async () => {
                try {
                  for (;;) {
                    received.push(await receiver.receive())
                    await sleep(pause)
                  }
                } catch (error) {
                  if (!(error instanceof EndOfChannel)) throw error
                }
              }),
            )
        }
        for (const task of [...senders, ...receivers.slice(0, -1)]) {
          if (random() < 0.4) getRunningLoop().callAt(roll(12), () => task.cancel())
        }
        yield* sleep(200)
        for (const task of [...senders, ...receivers]) expect(task.done(), `${program}: ${task}`).toBe(true)
        expect(received.toSorted(), program).toEqual(sent.toSorted())
      })
    }
  }
})

test('closing a handle a second time does not count for another one', () => {
  const [sender, receiver] = channel(1)
  const clone = sender.clone()
  sender.close()
  sender.close()
  clone.sendNowait('still open')
  expect(receiver.receiveNowait()).toBe('still open')
  expect(() => receiver.receiveNowait()).toThrow(expect.objectContaining({ code: 'POLVO_QUEUE_EMPTY' }))
})

test("an item that is given back is the next waiter's at once: nobody takes it before it runs", async () => {
  const trace = await traceOf(function* (print) {
    const [sender, receiver] = channel()
    const [a, b] = ['a', 'b'].map((name) =>
      createTask(function* () {
        print(name, 'got', yield* receiver.receive())
      }),
    )
    yield
    sender.sendNowait('item')
    a?.cancel()
    try {
      print('taken before', receiver.receiveNowait())
    } catch (error) {
      print(error)
    }
    yield* b as Task<void>
  })
  expect(trace).toEqual(['QueueEmpty', 'b got item'])
})

test('one that was woken for nothing and is cancelled gives nothing back', async () => {
  const trace = await traceOf(function* (print) {
    const [sender, receiver] = channel(1)
    const other = receiver.clone()
    const task = createTask(() => receiver.receive())
    yield
    receiver.close()
    task.cancel()
    yield* wait([task])
    print(task.cancelled(), other)
    sender.close()
  })
  expect(trace).toEqual(['true <Receiver open items=0/1>'])
})
