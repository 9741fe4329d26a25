import { fileURLToPath } from 'node:url'
import { run, timeout, use } from 'polvo'
import { createSubprocessExec, openConnection, PIPE, type StreamReader, type StreamWriter } from 'polvo/node'
import { describe, expect, test } from 'vitest'
import { CharIndex, describe as show, status } from '../charfinder/char-index.ts'
import { isFarewell, textOf } from '../charfinder/query.ts'
import { expectTwins } from './programs.ts'

const HOST = '127.0.0.1'

interface Service {
  readonly port: number
  /** Interrupt it, and return what it has printed, and its exit status. */
  stop(): Promise<{ printed: string; status: number | null }>
}

/** Run a server on a free port while `body` does. */
async function serving(program: string, body: (service: Service) => Promise<void>): Promise<void> {
  const path = fileURLToPath(new URL(`../charfinder/${program}`, import.meta.url))
  const start = () =>
    createSubprocessExec({ stdout: PIPE }, process.execPath, '--conditions=polvo-source', path, HOST, '0')
  await run(() =>
    use(start(), async (child) => {
      const greeting = String(await child.stdout.readline())
      const port = Number(/^Serving on 127\.0\.0\.1:(\d+)\. Hit CTRL-C to stop\.\n$/.exec(greeting)?.[1])
      const stop = async () => {
        child.sendSignal('SIGINT')
        const [printed] = await child.communicate()
        return { printed: String(printed), status: child.returncode }
      }
      await timeout(20_000, () => body({ port, stop }))
    }),
  )
}

/** Have a conversation with the server, from its first prompt on. */
async function talking(
  { port }: Service,
  body: (
    ask: (query: string | Uint8Array) => Promise<string[]>,
    ends: [StreamReader, StreamWriter],
  ) => unknown,
): Promise<void> {
  await using connection = await openConnection(HOST, port)
  const [reader, writer] = connection
  const answer = async () =>
    String(await reader.readuntil('?> '))
      .split('\r\n')
      .slice(0, -1)
  await answer()
  const ask = (query: string | Uint8Array) => {
    writer.writelines([query, '\r\n'])
    return answer()
  }
  await body(ask, [reader, writer])
}

describe.concurrent.each(['server-generator.ts', 'server-async.ts'])(
  'charfinder/%s',
  { timeout: 30_000 },
  (program) => {
    test('finds characters, says where there are none, and survives what is no text', ({ expect }) =>
      serving(program, (service) =>
        talking(service, async (ask) => {
          expect(await ask('white chess rook')).toContain('U+2656 \t♖\tWHITE CHESS ROOK')
          expect((await ask('white chess rook')).at(-1)).toMatch(/^\d+ match(es)? for 'white chess rook'$/)
          expect(await ask('no such thing')).toEqual(["No match for 'no such thing'"])
          expect(await ask('')).toEqual([])
          const complaint = ['Write words of at most 64 KiB, in UTF-8.']
          expect(await ask(Uint8Array.of(0xff, 0xfe))).toEqual(complaint)
          expect((await ask('x'.repeat(70_000)))[0]).toMatch(/64 KiB|No match/)
        }),
      ))

    test('lets a client go by Ctrl-C, or at the end of its words, half a line and all', ({ expect }) =>
      serving(program, async (service) => {
        await talking(service, async (_, [reader, writer]) => {
          writer.write(Uint8Array.of(3, 10))
          expect((await reader.read()).length).toBe(0)
        })
        await talking(service, async (_, [reader, writer]) => {
          writer.write('white chess rook')
          writer.writeEof()
          expect(String(await reader.read())).toContain('WHITE CHESS ROOK')
        })
        const { printed } = await service.stop()
        expect(printed.match(/Close the client socket/g)).toHaveLength(2)
      }))

    test('serves several clients, and says goodbye on Ctrl-C', ({ expect }) =>
      serving(program, (service) =>
        talking(service, (first) =>
          talking(service, async (second) => {
            expect((await first('rook chess'))[0]).toBe((await second('chess rook'))[0])
            const { printed, status } = await service.stop()
            expect(printed).toMatch(
              /Received from \{"address":"127\.0\.0\.1".*\}: "chess rook"\nSent \d+ lines\n/,
            )
            expect(printed).toMatch(/Server shutting down\.\n$/)
            expect(status).toBe(130)
          }),
        ),
      ))
  },
)

test('the two spellings differ in nothing else', () => expectTwins(expect, 'charfinder/server'))

describe('the index', () => {
  const index = new CharIndex(0x20, 0x26ff)

  test('finds what has all the words, in the order of the codes', () => {
    const rooks = index.search('rook chess')
    expect(rooks.map(show)).toEqual(['U+2656 \t♖\tWHITE CHESS ROOK', 'U+265C \t♜\tBLACK CHESS ROOK'])
    expect(index.search('rook queen')).toEqual([])
    expect(index.search('')).toEqual([])
  })

  test('has ideographs by the name of their block', () => {
    const ideographs = new CharIndex(0x4e00, 0x4e02)
    expect(ideographs.search('cjk unified')).toHaveLength(3)
    expect(ideographs.search('4E00')).toHaveLength(0)
  })

  test('counts in words', () => {
    expect([0, 1, 2].map((n) => status('q', n))).toEqual([
      "No match for 'q'",
      "1 match for 'q'",
      "2 matches for 'q'",
    ])
  })
})

test('a query is text or not, and a farewell or not', () => {
  expect(textOf(Buffer.from(' ♖ \r\n'))).toBe('♖')
  expect(textOf(Uint8Array.of(0xff))).toBe(null)
  expect([[3], [4], [10], [13], [65]].map((bytes) => isFarewell(Uint8Array.from(bytes)))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
