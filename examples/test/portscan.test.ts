import { run, use } from 'polvo'
import { startServer } from 'polvo/node'
import { describe, expect, test } from 'vitest'
import { portsFrom } from '../portscan/ports.ts'
import { expectTwins, runExample } from './programs.ts'

const HOST = '127.0.0.1'

describe.each(['scan-generator.ts', 'scan-async.ts'])('portscan/%s', { timeout: 20_000 }, (program) => {
  test('finds the ports that are open on this machine, and counts the others', () =>
    run(() =>
      use(
        startServer(() => {}, HOST),
        (first) =>
          use(
            startServer(() => {}, HOST),
            async (second) => {
              const open = [first.port, second.port].sort((a, b) => a - b)
              const { status, stdout, stderr } = await runExample(`portscan/${program}`, [
                HOST,
                `${open.join(',')},1`,
              ])
              const lines = stdout.trimEnd().split('\n')
              expect(lines.slice(0, -1).sort()).toEqual(open.map((port) => `${port} is open`).sort())
              expect(lines.at(-1)).toBe('2 open, 1 closed, 0 silent')
              expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
            },
          ),
      ),
    ))
})

test('the two spellings differ in nothing else', () => expectTwins(expect, 'portscan/scan'))

test('ports are named one by one, or as ranges', () => {
  expect(portsFrom('80,8000-8002')).toEqual([80, 8000, 8001, 8002])
  for (const text of ['x', '', '0', '5-3', '70000', '1-'])
    expect(() => portsFrom(text), text).toThrow(RangeError)
})
