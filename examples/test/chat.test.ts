import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { Saying } from '../chat/room.ts'
import { browsing, hasBrowser, serving } from './served.ts'

/** Somebody in the room who is no browser. */
async function enter(url: string, name: string): Promise<{ socket: WebSocket; heard: string[] }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/room?name=${encodeURIComponent(name)}`)
  const heard: string[] = []
  socket.on('message', (data) => {
    const { kind, name, text } = JSON.parse(String(data)) as Saying
    heard.push([name, kind, text].filter(Boolean).join(' '))
  })
  await once(socket, 'open')
  return { socket, heard }
}

async function enterByPage(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Enter' }).click()
  await page.getByText(`You are in the room, as ${name}.`).waitFor()
}

async function sayByPage(page: Page, text: string): Promise<void> {
  await page.getByLabel('Say').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

describe('chat/server', { timeout: 60_000 }, () => {
  test('tells everybody in the room what anybody says, and closes with 1001 when it stops', () =>
    serving('chat/server.ts', async ({ url, stop }) => {
      const ada = await enter(url, 'Ada')
      await expect.poll(() => ada.heard).toEqual(['Ada comes'])
      const bob = await enter(url, 'Bob')
      await expect.poll(() => bob.heard).toEqual(['Bob comes'])
      ada.socket.send('  good morning ')
      await expect.poll(() => bob.heard).toEqual(['Bob comes', 'Ada says good morning'])
      bob.socket.close()
      await expect.poll(() => ada.heard.at(-1)).toBe('Bob goes')
      const closed = once(ada.socket, 'close')
      const { status, stderr } = await stop()
      expect([status, stderr]).toEqual([143, ''])
      expect((await closed)[0]).toBe(1001)
    }))

  test('goes on for the others when somebody vanishes, or says what is no text', () =>
    serving('chat/server.ts', async ({ url }) => {
      const ada = await enter(url, 'Ada')
      const bob = await enter(url, 'Bob')
      const carl = await enter(url, 'Carl')
      carl.socket.send(Buffer.from([0xff, 0xfe]))
      bob.socket.terminate()
      await expect.poll(() => ada.heard).toContain('Bob goes')
      carl.socket.send('still here')
      await expect.poll(() => ada.heard).toContain('Carl says still here')
    }))

  test.runIf(hasBrowser)('is used in two browsers', () =>
    serving('chat/server.ts', ({ url, stop }) =>
      browsing(async (newPage) => {
        const [first, second] = [await newPage(), await newPage()]
        await enterByPage(first, url, 'Ada')
        await enterByPage(second, url, 'Bob & <i>Co</i>')
        await sayByPage(first, `<img src=x onerror="alert('caught')">`)
        await sayByPage(second, 'good morning')
        const expected = [
          'Bob & <i>Co</i> has come in',
          `Ada: <img src=x onerror="alert('caught')">`,
          'Bob & <i>Co</i>: good morning',
        ]
        for (const page of [first, second]) {
          await page.getByText('good morning').waitFor()
          expect((await page.locator('#said li').allTextContents()).slice(-3)).toEqual(expected)
        }
        await second.close()
        await first.getByText('has left').waitFor()
        await stop()
        await first.getByText('The connection is closed.').waitFor()
      }),
    ),
  )
})
