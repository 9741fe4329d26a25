/** Run the example programs that are web servers, and look at their pages in a browser. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

export interface Served {
  readonly url: string
  /** Tell it to stop, and return what it has printed, and its exit status. */
  stop(): Promise<{ stdout: string; stderr: string; status: number | null }>
}

/** Run `examples/PROGRAM` on a free port while `body` does. */
export async function serving(program: string, body: (served: Served) => Promise<unknown>): Promise<void> {
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=polvo-source', path, '0'])
  const ended = once(child, 'close').then(([status]) => status as number | null)
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        const found = /^Listening on (\S+)\. /m.exec(stdout)?.[1]
        if (found !== undefined) resolve(found)
      })
      ended.then((status) => reject(new Error(`${program} has ended with ${status}: ${stderr}`)))
    })
    await body({
      url,
      stop: async () => {
        child.kill('SIGTERM')
        const status = await ended
        return { stdout, stderr, status }
      },
    })
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

const CHROMIUM = '/usr/bin/chromium'

/** Whether pages can be looked at. Where they have to be, and cannot, the test fails. */
export const hasBrowser = existsSync(CHROMIUM) || process.env.POLVO_REQUIRE_SERVICES === '1'
if (!hasBrowser) console.warn('chromium is not installed: pages are not tested. apt-get install chromium')

/** Open pages in headless Chromium, which is closed at the end. What goes wrong in a page fails the test. */
export async function browsing(body: (newPage: () => Promise<Page>) => Promise<unknown>): Promise<void> {
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const errors: string[] = []
  try {
    await body(async () => {
      const page = await browser.newPage()
      page.on('pageerror', (error) => errors.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      page.on('dialog', (dialog) => {
        errors.push(`a dialog says ${dialog.message()}`)
        void dialog.dismiss()
      })
      return page
    })
  } finally {
    await browser.close()
  }
  if (errors.length > 0) throw new Error(`The page has failed: ${errors.join('; ')}`)
}
