// What happens between a wake-up and the receiver's or sender's next step, without a network.
import { createTask, run, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { MessageQueue, Receive } from '../../src/websocket/message-queue.ts'
import { Outbox, Send, type Sendable } from '../../src/websocket/outbox.ts'
import { outcomeOf } from '../support/spellings.ts'

function queue() {
  const log: string[] = []
  const source = { pause: () => void log.push('pause'), resume: () => void log.push('resume') }
  const messages = new MessageQueue(source)
  const receive = () =>
    new Receive(messages, { name: 'receive', take: (message) => message, end: () => 'the end' })
  return { log, messages, receive }
}

describe('a message that was promised to a receiver', () => {
  test('is the next one in line when the first is cancelled before it took it', async () => {
    const { messages, receive } = queue()
    await run(async () => {
      const [first, second] = [createTask(receive()), createTask(receive())]
      await sleep(0)
      messages.put('m')
      first.cancel()
      expect(await second).toBe('m')
      expect(first.cancelled()).toBe(true)
    })
  })

  test('is not taken by a newcomer', async () => {
    const { messages, receive } = queue()
    await run(async () => {
      const waiting = createTask(receive())
      await sleep(0)
      messages.put('m')
      const newcomer = createTask({ eager: true }, receive())
      expect(await waiting).toBe('m')
      messages.put('n')
      expect(await newcomer).toBe('n')
    })
  })

  test('reaches it also when the connection ends in that moment, and the others hear of the end', async () => {
    const { messages, receive } = queue()
    await run(async () => {
      const [first, second] = [createTask(receive()), createTask(receive())]
      await sleep(0)
      messages.put('m')
      messages.end()
      expect([await first, await second, await receive()]).toEqual(['m', 'the end', 'the end'])
    })
  })

  test('is there for the next who asks, when nobody else waits', async () => {
    const { messages, receive } = queue()
    await run(async () => {
      const first = createTask(receive())
      await sleep(0)
      messages.put('m')
      first.cancel()
      await createTask(outcomeOf, first)
      expect(await receive()).toBe('m')
    })
  })
})

test('the source is paused while more than 64 KiB wait, and while many small messages do', async () => {
  const { log, messages, receive } = queue()
  await run(async () => {
    messages.put('x'.repeat(65_000))
    expect(log).toEqual([])
    messages.put('y'.repeat(1000))
    messages.put('z')
    expect(log).toEqual(['pause'])
    await receive()
    expect(log).toEqual(['pause', 'resume'])
    for (let i = 0; i < 1100; i++) messages.put('')
    expect(log.length).toBe(3)
    messages.drop()
    expect(log).toEqual(['pause', 'resume', 'pause', 'resume'])
  })
})

function sink() {
  const sent: Sendable[] = []
  const state = { hasRoom: true, error: null as Error | null, onWritten: () => {} }
  const outbox = new Outbox({
    get hasRoom() {
      return state.hasRoom
    },
    check() {
      if (state.error !== null) throw state.error
    },
    write(message, onWritten) {
      sent.push(message)
      state.onWritten = onWritten
      state.hasRoom = false
    },
  })
  /** What was written has left. */
  const drain = () => {
    state.hasRoom = true
    state.onWritten()
  }
  return { sent, state, outbox, drain, send: (text: string) => new Send(outbox, text) }
}

describe('a send', () => {
  test('that was woken and cancelled sends nothing, and lets the next one', async () => {
    const { sent, drain, send } = sink()
    await run(async () => {
      await send('a')
      const [second, third] = [createTask(send('b')), createTask(send('c'))]
      await sleep(0)
      drain()
      second.cancel()
      await createTask(outcomeOf, second)
      await third
      expect(sent).toEqual(['a', 'c'])
    })
  })

  test('of a newcomer does not overtake one that was woken', async () => {
    const { sent, drain, send } = sink()
    await run(async () => {
      await send('a')
      const second = createTask(send('b'))
      await sleep(0)
      drain()
      const newcomer = createTask({ eager: true }, send('c'))
      await second
      expect(sent).toEqual(['a', 'b'])
      drain()
      await newcomer
      expect(sent).toEqual(['a', 'b', 'c'])
    })
  })

  test('that finds no room again goes on waiting, in its place', async () => {
    const { sent, state, drain, send } = sink()
    await run(async () => {
      await send('a')
      const [second, third] = [createTask(send('b')), createTask(send('c'))]
      await sleep(0)
      drain()
      state.hasRoom = false
      await sleep(0)
      expect(sent).toEqual(['a'])
      drain()
      await second
      drain()
      await third
      expect(sent).toEqual(['a', 'b', 'c'])
    })
  })

  test('that waits fails when the connection ends, and so do all the others', async () => {
    const { sent, state, outbox, send } = sink()
    await run(async () => {
      await send('a')
      const outcomes = ['b', 'c'].map((text) => createTask(outcomeOf, createTask(send(text))))
      await sleep(0)
      await sleep(0)
      state.error = new Error('gone')
      outbox.end()
      expect(await Promise.all(outcomes)).toEqual([state.error, state.error])
      expect(sent).toEqual(['a'])
    })
  })
})
