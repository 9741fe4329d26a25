import { describe, expect, test } from 'vitest'
import { browsing, hasBrowser, serving } from './served.ts'

const NASTY = `"><script>alert('caught')</script>`

describe('charfinder/web', { timeout: 60_000 }, () => {
  test('finds characters, for browsers and for programs', () =>
    serving('charfinder/web.ts', async ({ url, stop }) => {
      const page = await (await fetch(`${url}/?query=white+chess+rook`)).text()
      expect(page).toContain('<tr><td>U+2656</td><td>♖</td><td>WHITE CHESS ROOK</td></tr>')
      const found = await (await fetch(`${url}/search?q=white%20chess%20rook`)).json()
      expect(found).toContainEqual({ code: 'U+2656', char: '♖', name: 'WHITE CHESS ROOK' })
      expect(await (await fetch(`${url}/search`)).json()).toEqual([])
      expect((await stop()).status).toBe(143)
    }))

  test('shows what was asked for as text, whatever it is', () =>
    serving('charfinder/web.ts', async ({ url }) => {
      const page = await (await fetch(`${url}/?query=${encodeURIComponent(NASTY)}`)).text()
      expect(page).not.toContain('<script')
      expect(page).toContain('value="&quot;&gt;&lt;script&gt;')
    }))

  test.runIf(hasBrowser)('is used in a browser', () =>
    serving('charfinder/web.ts', ({ url }) =>
      browsing(async (newPage) => {
        const page = await newPage()
        await page.goto(url)
        await page.getByLabel('Words of a name').fill('roman numeral twelve')
        await page.getByRole('button').click()
        expect(await page.locator('tr').allTextContents()).toEqual([
          'U+216BⅫROMAN NUMERAL TWELVE',
          'U+217BⅻSMALL ROMAN NUMERAL TWELVE',
        ])
        expect(await page.locator('p').textContent()).toBe("2 matches for 'roman numeral twelve'")
        await page.getByLabel('Words of a name').fill(NASTY)
        await page.getByRole('button').click()
        expect(await page.getByLabel('Words of a name').inputValue()).toBe(NASTY)
        expect(await page.title()).toBe(`Charfinder: ${NASTY}`)
      }),
    ),
  )
})
