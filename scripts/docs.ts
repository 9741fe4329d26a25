/** `npm run docs`: put the snippets, and what they print, into the pages. */
import { writeFileSync } from 'node:fs'
import { filledIn, pages } from './snippets.ts'

for (const page of pages) writeFileSync(page, await filledIn(page))
