/** Characters by the words of their names, in a browser: `node web.ts [PORT]` */
import { Application, escapeHtml, html, json, runApp } from '@polvo/http'
import { type Character, CharIndex, status } from './char-index.ts'

/** More would only keep the browser busy. */
const SHOWN = 1000
const index = new CharIndex()
const app = new Application()

app.get('/', ({ query }) => {
  const words = (query.get('query') ?? '').trim()
  return html(page(words, words === '' ? null : index.search(words)), {
    headers: {
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    },
  })
})

app.get('/search', ({ query }) => json(index.search(query.get('q') ?? '').map(asJson)))

/** What was asked for comes from outside: it is escaped wherever it is shown. */
function page(words: string, found: readonly Character[] | null): string {
  const shown = escapeHtml(words)
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>${words === '' ? 'Charfinder' : `Charfinder: ${shown}`}</title>
<style>
  body { font-family: sans-serif; margin: 2rem }
  td { padding: 0 1rem 0 0 }
  td:nth-child(2) { font-size: 2rem }
</style>
<h1>Charfinder</h1>
<form>
  <label>Words of a name: <input type="search" name="query" value="${shown}" autofocus></label>
  <button type="submit">Find</button>
  Examples: ${['chess', 'black cat', 'roman numeral'].map(example).join(', ')}
</form>
${found === null ? '' : `<p>${escapeHtml(status(words, found.length))}</p>\n${table(found.slice(0, SHOWN))}`}
</html>
`
}

function example(words: string): string {
  return `<a href="/?query=${encodeURIComponent(words)}">${escapeHtml(words)}</a>`
}

function table(found: readonly Character[]): string {
  const rows = found.map(asJson).map(({ code, char, name }) => {
    return `<tr><td>${code}</td><td>${escapeHtml(char)}</td><td>${escapeHtml(name)}</td></tr>`
  })
  return `<table>\n${rows.join('\n')}\n</table>`
}

function asJson({ code, name }: Character) {
  const shown = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return { code: shown, char: String.fromCodePoint(code), name }
}

await runApp(app, { port: Number(process.argv[2] ?? 8080) })
