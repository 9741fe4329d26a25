// A websocket of ours against one of `ws`, on either side.
import { ClosedResource, type Coroutine, createTask, forEach, run, sleep, timeout, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { WebSocketClosed, WebSocketMessageError } from '../../src/index.ts'
import { until } from '../support/servers.ts'
import { errorOf, outcomeOf } from '../support/spellings.ts'
import { heard, rawPeer, type Side, sawClose, socketPair } from '../support/web-sockets.ts'

const sides: Side[] = ['client', 'server']

describe.each(sides)('a websocket as %s', (side) => {
  test('sends and receives text and bytes, in generators', async () => {
    const { ours, peer } = await socketPair(side)
    peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }))
    const received = await run(function* (): Coroutine<unknown[]> {
      yield* ours.send('grüße')
      yield* ours.send(new Uint8Array([1, 2, 3]))
      yield* ours.sendJson({ n: 1 })
      return [yield* ours.receive(), yield* ours.receiveBytes(), yield* ours.receiveJson()]
    })
    expect(received).toEqual(['grüße', new Uint8Array([1, 2, 3]), { n: 1 }])
    expect(received[1]).not.toBeInstanceOf(Buffer)
  })

  test('sends and receives text and bytes, in async functions', async () => {
    const { ours, peer } = await socketPair(side)
    peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }))
    await run(async () => {
      await ours.send('')
      await ours.send(new Uint8Array(100_000).fill(7).buffer)
      expect(await ours.receiveText()).toBe('')
      expect((await ours.receiveBytes()).length).toBe(100_000)
    })
  })

  test('ends an iteration when the peer says close, after all that came before', async () => {
    const { ours, peer } = await socketPair(side)
    for (const word of ['a', 'b', 'c']) peer.send(word)
    peer.close(1001, 'bye')
    const words: unknown[] = []
    await run(async () => {
      for await (const message of ours) words.push(message)
    })
    expect(words).toEqual(['a', 'b', 'c'])
    expect([ours.closeCode, ours.closeReason]).toEqual([1001, 'bye'])
  })

  test('is gone through by forEach, and stays open when it is left', async () => {
    const { ours, peer } = await socketPair(side)
    for (const word of ['a', 'b', 'c']) peer.send(word)
    const words: unknown[] = []
    await run(function* (): Coroutine {
      try {
        yield* forEach(ours, function* (word) {
          words.push(word)
          if (word === 'b') throw new Error('enough')
        })
      } catch {}
      words.push(yield* ours.receive())
    })
    expect(words).toEqual(['a', 'b', 'c'])
    expect(ours.isClosed).toBe(false)
  })

  test('tells how it was closed, and with what words', async () => {
    const { ours, peer } = await socketPair(side)
    peer.close(4321, 'no room')
    const error = await errorOf(() => ours.receive())
    expect(error).toBeInstanceOf(WebSocketClosed)
    expect(error).toMatchObject({
      code: 'POLVO_HTTP_WEBSOCKET_CLOSED',
      closeCode: 4321,
      reason: 'no room',
      message: `The websocket is closed, with code 4321 (the application's own): "no room".`,
    })
    await expect(run(async () => ours.next())).rejects.toThrow(WebSocketClosed)
    await expect(run(async () => ours.send('x'))).rejects.toThrow(WebSocketClosed)
  })

  test('closes with a code and a reason, and waits until the peer has answered', async () => {
    const { ours, peer } = await socketPair(side)
    const seen = sawClose(peer)
    await run(async () => {
      await ours.send('last')
      await ours.close(4000, 'done')
      await ours.close()
    })
    expect(await seen).toEqual([4000, 'done'])
    expect([ours.closeCode, ours.isClosed, String(ours)]).toEqual([
      4000,
      true,
      '<WebSocketConnection closed code=4000>',
    ])
  })

  test('refuses its own users once it was closed here', async () => {
    const { ours } = await socketPair(side)
    await run(async () => {
      const waiting = createTask(outcomeOf, createTask(ours.receive()))
      await sleep(0)
      await ours.close()
      expect(await waiting).toBeInstanceOf(ClosedResource)
      await expect(createTask(ours.send('x'))).rejects.toThrow(ClosedResource)
      await expect(createTask(ours.ping())).rejects.toThrow(ClosedResource)
      expect(await ours.next()).toEqual({ done: true, value: undefined })
    })
  })

  test('hangs up when the peer does not answer a close in time', async () => {
    const { ours, peer, peerSocket } = await socketPair(side, { closeTimeout: 30 })
    peerSocket.pause()
    await run(async () => {
      await timeout(2000, () => ours.close())
    })
    expect(ours.closeCode).toBe(1006)
    peer.terminate()
  })

  test('hangs up when the wait for the close is cancelled', async () => {
    const { ours, peerSocket } = await socketPair(side)
    peerSocket.pause()
    await run(async () => {
      await expect(timeout(20, () => ours.close())).rejects.toThrow('20')
      expect(await timeout(1000, () => ours.waitClosed())).toBe(1006)
    })
  })

  test('is closed by use, whatever the body does', async () => {
    const { ours, peer } = await socketPair(side)
    const seen = sawClose(peer)
    await expect(
      run(async () =>
        use(ours, () => {
          throw new Error('body')
        }),
      ),
    ).rejects.toThrow('body')
    expect(await seen).toEqual([1000, ''])
  })

  test('abort hangs up without a word', async () => {
    const { ours, peer } = await socketPair(side)
    const seen = sawClose(peer)
    ours.abort()
    ours.abort()
    expect((await seen)[0]).toBe(1006)
    expect(await run(async () => ours.waitClosed())).toBe(1006)
  })

  test('measures a ping, and answers those of the peer', async () => {
    const { ours, peer } = await socketPair(side)
    expect(await run(async () => ours.ping())).toBeGreaterThan(0)
    const answered = new Promise((resolve) => peer.once('pong', (data) => resolve(String(data))))
    peer.ping('sign')
    expect(await answered).toBe('sign')
  })

  test('a message over the limit ends it with 1009, after those before it', async () => {
    const { ours, peer } = await socketPair(side, { maxPayload: 1000 })
    const seen = sawClose(peer)
    peer.send('fits')
    peer.send('x'.repeat(1001))
    await run(async () => {
      expect(await ours.receive()).toBe('fits')
      await expect(createTask(ours.receive())).rejects.toMatchObject({ closeCode: 1009 })
      await ours.close()
    })
    expect((await seen)[0]).toBe(1009)
  })
})

describe('receiving', () => {
  test('the wrong kind of message is an error that has it', async () => {
    const { ours, peer } = await socketPair('client')
    peer.send('{"a":')
    peer.send(Buffer.from([1]))
    peer.send('text')
    const outcomes: unknown[] = []
    await run(async () => {
      for (const receive of [() => ours.receiveJson(), () => ours.receiveText(), () => ours.receiveBytes()]) {
        await createTask(async () => receive()).then(null, (error) => outcomes.push(error))
      }
    })
    for (const error of outcomes) expect(error).toBeInstanceOf(WebSocketMessageError)
    expect(outcomes).toMatchObject([
      { data: '{"a":', message: 'receiveJson() got "{\\"a\\":", which is no JSON.' },
      { data: new Uint8Array([1]) },
      { data: 'text', code: 'POLVO_HTTP_WEBSOCKET_MESSAGE' },
    ])
  })

  test('cancelled in the very pass in which a message comes loses none, and keeps the order', async () => {
    const { ours, peer } = await socketPair('client')
    const got: unknown[] = []
    await run(async () => {
      for (let i = 0; i < 60; i++) {
        const doomed = createTask(async () => got.push(await ours.receive()))
        await sleep(0)
        peer.send(String(i))
        for (let turns = 0; turns < i % 12; turns++) await new Promise(setImmediate)
        doomed.cancel()
        await createTask(doomed).then(null, () => {})
      }
      while (got.length < 60) got.push(await timeout(1000, () => ours.receive()))
    })
    expect(got).toEqual(Array.from({ length: 60 }, (_, i) => String(i)))
  })

  test('several receivers are served in their order, also when one of them is cancelled', async () => {
    const { ours, peer } = await socketPair('server')
    await run(async () => {
      const tasks = Array.from({ length: 5 }, () => createTask(ours.receive()))
      await sleep(0)
      tasks[2]?.cancel()
      for (const word of ['a', 'b', 'c', 'd', 'e']) peer.send(word)
      expect(await Promise.all([0, 1, 3, 4].map((i) => tasks[i]))).toEqual(['a', 'b', 'c', 'd'])
      expect(await ours.receive()).toBe('e')
    })
  })

  test('a slow receiver makes the peer wait, and gets everything in the end', async () => {
    const { ours, peer } = await socketPair('server')
    const message = 'x'.repeat(10_000)
    const count = 2000
    for (let i = 0; i < count; i++) peer.send(message)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(peer.bufferedAmount).toBeGreaterThan(5_000_000)
    await run(async () => {
      for (let i = 0; i < count; i++) expect((await ours.receive()).length).toBe(10_000)
    })
    expect(peer.bufferedAmount).toBe(0)
  })

  test('a peer that vanishes is an error with its cause, once what came is received', async () => {
    const { ours, peer, peerSocket } = await socketPair('server')
    peer.send('last words')
    await run(async () => {
      expect(await ours.receive()).toBe('last words')
      peerSocket.resetAndDestroy()
      await expect(createTask(ours.receive())).rejects.toMatchObject({
        closeCode: 1006,
        cause: { code: 'ECONNRESET' },
      })
    })
  })
})

describe('sending', () => {
  test('waits while the peer does not read; cancelled it was not sent', async () => {
    const { ours, peer, peerSocket } = await socketPair('client')
    peerSocket.pause()
    const message = 'y'.repeat(1_000_000)
    let sent = 0
    await run(async () => {
      const sender = createTask(async () => {
        for (;;) {
          await ours.send(message)
          sent++
        }
      })
      const behind = createTask(async () => {
        await sleep(150)
        await ours.send('behind')
      })
      await sleep(100)
      const before = sent
      await sleep(100)
      expect(sent).toBe(before)
      sender.cancel()
      await createTask(sender).then(null, () => {})
      let received = 0
      const last = new Promise<string>((resolve) =>
        peer.on('message', (data) => {
          received++
          if (String(data) === 'behind') resolve(String(data))
        }),
      )
      peerSocket.resume()
      await behind
      expect(await last).toBe('behind')
      expect(received).toBe(sent + 1)
    })
  })

  test('several senders that wait are served in their order', async () => {
    const { ours, peer, peerSocket } = await socketPair('client')
    peerSocket.pause()
    const order: string[] = []
    peer.on('message', (data) => order.push(String(data).slice(0, 1)))
    await run(async () => {
      const tasks = ['a', 'b', 'c', 'd', 'e'].map((word) =>
        createTask(async () => ours.send(word.repeat(4_000_000))),
      )
      await sleep(30)
      peerSocket.resume()
      for (const task of tasks) await task
      await until(() => order.length === 5)
    })
    expect(order.join('')).toBe('abcde')
  })

  test('that waits fails when the peer goes away', async () => {
    const { ours, peerSocket } = await socketPair('server')
    peerSocket.pause()
    await run(async () => {
      const sender = createTask(async () => {
        for (;;) await ours.send('z'.repeat(1_000_000))
      })
      await sleep(50)
      peerSocket.resetAndDestroy()
      await expect(sender).rejects.toThrow(WebSocketClosed)
    })
  })

  test.each([
    [(): unknown => 5, 'send() takes a string or bytes, and was given number; see sendJson().'],
    [(): unknown => ({}), 'send() takes a string or bytes, and was given object; see sendJson().'],
  ])('refuses what is no message', async (value, message) => {
    const { ours } = await socketPair('client')
    expect(() => ours.send(value() as string)).toThrow(message)
  })

  test('hears what was sent', async () => {
    const { ours, peer } = await socketPair('server')
    const hearing = heard(peer)
    await run(async () => ours.send('hello'))
    expect(await hearing).toBe('hello')
  })
})

describe('heartbeat', () => {
  test('keeps a peer that answers', async () => {
    const { ours, peer } = await socketPair('client', { heartbeat: 10 })
    let pings = 0
    peer.on('ping', () => pings++)
    await until(() => pings >= 5)
    expect(ours.isClosed).toBe(false)
  })

  test('gives a silent peer up, with 1006 and a reason', async () => {
    const { ours, raw } = await rawPeer({ heartbeat: 20 })
    raw.resume()
    const error = await errorOf(() => ours.receive())
    expect(error).toMatchObject({ name: 'WebSocketClosed', closeCode: 1006 })
    expect(error.message).toBe(
      'The websocket is closed, with code 1006 (no close was said): nothing came from the peer within 10 ms of a ping.',
    )
  })

  test('does not blame the peer for a process that was busy itself', async () => {
    const { ours, peer } = await socketPair('server', { heartbeat: 20 })
    peer.on('ping', () => {
      const until = performance.now() + 40
      while (performance.now() < until);
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(ours.isClosed).toBe(false)
  })

  test('does not blame the peer for a slow receiver', async () => {
    const { ours, peer } = await socketPair('server', { heartbeat: 10 })
    for (let i = 0; i < 300; i++) peer.send('x'.repeat(100_000))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await run(async () => {
      for (let i = 0; i < 300; i++) await ours.receive()
    })
    expect(ours.isClosed).toBe(false)
  })
})

describe('a peer that breaks the protocol', () => {
  test.each<[string, number[], number]>([
    ['an unmasked frame', [0x81, 0x01, 0x61], 1002],
    ['a reserved bit', [0xc1, 0x81, 0, 0, 0, 0, 0x61], 1002],
    ['an unknown opcode', [0x83, 0x80, 0, 0, 0, 0], 1002],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], 1002],
    ['a fragmented ping', [0x09, 0x80, 0, 0, 0, 0], 1002],
    ['text that is not UTF-8', [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
    ['a close code that cannot be', [0x88, 0x82, 0, 0, 0, 0, 0x00, 0x01], 1002],
  ])('with %s is told so and hung up on', async (_, bytes, code) => {
    const { ours, raw } = await rawPeer({ closeTimeout: 50 })
    const told = new Promise<number>((resolve) =>
      raw.on('data', (data) => {
        if (data[0] === 0x88) resolve(data.readUInt16BE(2))
      }),
    )
    raw.write(Buffer.from(bytes))
    expect(await errorOf(() => ours.receive())).toMatchObject({ closeCode: code })
    expect(await told).toBe(code)
    expect(await run(async () => timeout(1000, () => ours.waitClosed()))).toBe(code)
  })
})

describe('options', () => {
  test.each([
    [{ heartbeat: 0 }, 'heartbeat takes more than 0 milliseconds, and was given 0.'],
    [{ closeTimeout: 'x' as unknown as number }, 'closeTimeout takes milliseconds, and was given string.'],
  ])('that cannot be are refused', async (options, message) => {
    const { ours } = await socketPair('client')
    const { WebSocketConnection } = await import('../../src/index.ts')
    expect(() => new WebSocketConnection({} as never, {} as never, options)).toThrow(message)
    expect(() => ours.close(1006)).toThrow('it was given 1006')
    expect(() => ours.close(1000, 'x'.repeat(124))).toThrow('has at most 123 bytes, and this one has 124')
  })
})
