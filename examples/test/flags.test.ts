/** The flags downloader against its own servers: what is on the disk, what the servers saw, what is printed. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, run, use } from 'polvo'
import { afterAll, describe, expect, test } from 'vitest'
import { ALL_CODES, EVERY_CODE } from '../flags/countries.ts'
import { downloadFrom } from '../flags/download.ts'
import { parseCommandLine, UsageError } from '../flags/options.ts'
import { Tally } from '../flags/report.ts'
import { PICTURES } from '../flags/servers/pictures.ts'
import { serverProcess } from '../flags/servers/server-process.ts'
import { runExample } from './programs.ts'

const temporary = mkdtempSync(join(tmpdir(), 'flags-test-'))
afterAll(() => rmSync(temporary, { recursive: true }))

function newFolder(): string {
  return mkdtempSync(join(temporary, 'f-'))
}

function options(...args: string[]) {
  const parsed = parseCommandLine(args)
  if (parsed === null) throw new Error('help was asked for')
  return parsed
}

function lines(text: string): string[] {
  return text.trimEnd().split('\n')
}

/** The folder holds exactly these flags, identical to the pictures that are served. */
function expectFlags(folder: string, codes: readonly string[]): void {
  expect(readdirSync(folder).sort()).toEqual(codes.map((code) => `${code}.png`).sort())
  for (const code of codes) {
    const picture = readFileSync(PICTURES.get(code.toLowerCase()) as string)
    expect(readFileSync(join(folder, `${code}.png`)).equals(picture), code).toBe(true)
  }
}

describe.concurrent('the downloader', { timeout: 60_000 }, () => {
  test.each(['generator', 'async', 'threads'])(
    'gets 194 of 676 in the %s variant, as the DELAY proxy witnesses',
    async (variant) => {
      const folder = newFolder()
      const tally = new Tally()
      const witnesses = await run(() =>
        use(serverProcess(), async (server) => {
          const job = options(
            '--every',
            '--server=DELAY',
            '--max_req=100',
            `--variant=${variant}`,
            `--folder=${folder}`,
          )
          await call(downloadFrom, { url: server.sites.DELAY, extension: 'png' }, job, tally)
          return await server.witnesses()
        }),
      )
      expect([tally.get('ok'), tally.get('not found'), tally.get('error')]).toEqual([194, 482, 0])
      expectFlags(folder, ALL_CODES)
      expect(witnesses).toHaveLength(676)
      expect(Math.min(...witnesses.map(({ heldMs }) => heldMs))).toBeGreaterThanOrEqual(500)
      expect(Math.max(...witnesses.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(100)
    },
  )

  test('prints what it did, without a bar where there is no terminal', async () => {
    const folder = newFolder()
    const { status, stdout, stderr } = await runExample('flags/main.ts', [
      'B',
      `--folder=${folder}`,
      '--max_req=26',
    ])
    expect(lines(stdout)).toEqual([
      expect.stringMatching(/^LOCAL site: http:\/\/127\.0\.0\.1:\d+\/flags$/),
      'Searching for 26 flags: from BA to BZ',
      '26 concurrent connections will be used.',
      '--------------------',
      '17 flags downloaded.',
      '9 not found.',
      expect.stringMatching(/^Elapsed time: \d+\.\d\ds \(\d+\.\d items\/s\)$/),
    ])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expectFlags(
      folder,
      ALL_CODES.filter((code) => code.startsWith('B')),
    )
  })

  test('prints a line for each flag in verbose mode', async () => {
    const { stdout } = await runExample('flags/main.ts', ['BA', 'BC', '-v', `--folder=${newFolder()}`])
    expect(lines(stdout).slice(1, -1)).toEqual([
      'Searching for 2 flags: BA, BC',
      '2 concurrent connections will be used.',
      expect.stringMatching(/^(BA OK|BC not found)$/),
      expect.stringMatching(/^(BA OK|BC not found)$/),
      '--------------------',
      '1 flag downloaded.',
      '1 not found.',
    ])
  })

  test('counts errors of the ERROR server, and all counts sum to 676', async () => {
    const folder = newFolder()
    const { status, stdout } = await runExample('flags/main.ts', [
      '-e',
      '-s',
      'error',
      '-m',
      '200',
      `--folder=${folder}`,
    ])
    const counts = ['flags? downloaded', 'not found', 'errors?'].map((what) =>
      Number(new RegExp(`^(\\d+) ${what}\\.$`, 'm').exec(stdout)?.[1]),
    )
    expect(counts.reduce((sum, count) => sum + count)).toBe(676)
    // A quarter of all requests fails: 169, give or take five standard deviations.
    expect(counts[2]).toBeGreaterThan(112)
    expect(counts[2]).toBeLessThan(226)
    expect(readdirSync(folder)).toHaveLength(counts[0] as number)
    expect(status).toBe(0)
  })

  test('says what went wrong with each flag in verbose mode', async () => {
    const { stdout } = await runExample('flags/main.ts', [
      '-e',
      '-s',
      'ERROR',
      '-m',
      '300',
      '-v',
      `--folder=${newFolder()}`,
    ])
    expect(stdout).toMatch(/^\*\*\* Error for [A-Z]{2}: HTTP 503 - Service Unavailable$/m)
  })

  const soon = { afterMs: 1700, once: 'will be used' }
  test.each([
    ['generator', [], soon],
    ['async', [], soon],
    ['sequential', [], soon],
    // Threads take their time to start: wait for the first flag.
    ['threads', ['-v'], { afterMs: 300, once: ' OK' }],
  ])('stops on Ctrl-C with the report of what was done and status 130 (%s)', async (variant, more, when) => {
    const folder = newFolder()
    const args = ['-e', '-s', 'DELAY', '-m', '50', `--variant=${variant}`, `--folder=${folder}`, ...more]
    const { status, stdout, stderr } = await runExample('flags/main.ts', args, {
      signal: { name: 'SIGINT', ...when },
    })
    const saved = readdirSync(folder)
    expect(saved.filter((name) => name.endsWith('.part'))).toEqual([])
    expectFlags(
      folder,
      saved.map((name) => name.slice(0, 2)),
    )
    const reported = Number(/^(\d+) flags? downloaded\.$/m.exec(stdout)?.[1])
    const notFound = Number(/^(\d+) not found\.$/m.exec(stdout)?.[1] ?? 0)
    expect(reported).toBe(saved.length)
    expect(reported + notFound).toBeGreaterThan(0)
    expect(reported + notFound).toBeLessThan(400)
    expect({ status, stderr }).toEqual({ status: 130, stderr: '' })
  })

  test.each(['generator', 'async', 'sequential', 'threads'])(
    'reports a flag that cannot be saved, and goes on (%s)',
    async (variant) => {
      const folder = newFolder()
      mkdirSync(join(folder, 'BR.png'))
      const args = ['BA', 'BR', 'BS', '-v', `--variant=${variant}`, `--folder=${folder}`]
      const { status, stdout } = await runExample('flags/main.ts', args)
      expect(stdout).toMatch(/^\*\*\* Error for BR: not saved: EISDIR/m)
      expect(stdout).toMatch(/^2 flags downloaded\.\n1 error\.$/m)
      expect(readdirSync(folder).sort()).toEqual(['BA.png', 'BR.png', 'BS.png'])
      expect(status).toBe(0)
    },
  )

  const hasNginx = spawnSync('nginx', ['-v']).status === 0
  const isRequired = process.env.POLVO_REQUIRE_SERVICES === '1'
  test.runIf(hasNginx || isRequired)('gets the same from a real nginx', async () => {
    const folder = newFolder()
    const args = ['-e', '-s', 'NGINX', '-m', '100', `--folder=${folder}`]
    const { status, stdout, stderr } = await runExample('flags/main.ts', args)
    expect(stdout).toMatch(/^194 flags downloaded\.\n482 not found\.$/m)
    expectFlags(folder, ALL_CODES)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('compares the variants in one table', async () => {
    const { status, stdout } = await runExample('flags/main.ts', ['compare'])
    const rows = lines(stdout)
      .slice(3)
      .map((line) => line.split(/\s+/))
    expect(rows.map(([variant, items]) => [variant, Number(items)])).toEqual([
      ['sequential', 20],
      ['threads', 676],
      ['generator', 676],
      ['async', 676],
    ])
    expect(status).toBe(0)
  })
})

describe('the command line', () => {
  test('is that of flags2', () => {
    expect(options().codes).toHaveLength(20)
    expect(options('-a').codes).toEqual(ALL_CODES)
    expect(options('-e', '-a', 'BR').codes).toEqual(EVERY_CODE)
    expect(options('br', 'b', 'us').codes).toEqual([
      ...new Set([...EVERY_CODE.filter((c) => c[0] === 'B'), 'US']),
    ])
    expect(options('-e', '-l', '3').codes).toEqual(['AA', 'AB', 'AC'])
    expect(options('-l', '3').codes).toEqual(['BD', 'BR', 'CD'])
    expect(options('-e').concurrency).toBe(5)
    expect(options('-e', '-m', '5000').concurrency).toBe(676)
    expect(options('BR', '-m', '100').concurrency).toBe(1)
    expect(options('-e', '-m', '100', '--variant', 'sequential').concurrency).toBe(1)
    expect(options('-s', 'delay').server).toBe('DELAY')
    expect(parseCommandLine(['-h'])).toBe(null)
  })

  test.each([
    [['-m', '0'], /--max_req CONCURRENT must be >= 1/],
    [['-m', 'x'], /--max_req CONCURRENT must be >= 1/],
    [['-l', '0'], /--limit N must be >= 1/],
    [['-s', 'MARS'], /--server LABEL must be one of DELAY, ERROR, LOCAL, NGINX, REMOTE, and was "MARS"/],
    [['B1'], /each CC argument must be A to Z or AA to ZZ/],
    [['BRA'], /each CC argument must be A to Z or AA to ZZ/],
    [['--variant', 'magic'], /--variant NAME must be one of/],
    [['--what'], /--what/],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError)
    expect(() => parseCommandLine(args)).toThrow(message)
  })

  test('ends with status 2 where it cannot be understood', async () => {
    const { status, stdout, stderr } = await runExample('flags/main.ts', ['-m', '0'])
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^usage: flags .*\n\*\*\* Usage error: --max_req CONCURRENT must be >= 1/)
  })
})

test('194 codes have a picture, and 676 are possible', () => {
  expect(ALL_CODES).toHaveLength(194)
  expect(EVERY_CODE).toHaveLength(676)
  for (const picture of PICTURES.values()) expect(existsSync(picture)).toBe(true)
})
