/**
 * Plays random programs with polvo, in the spelling that is the argument. A program is a line of JSON on stdin, its trace is
 * one on stdout.
 */
import { createInterface } from 'node:readline'
import { isSpelling, traceOf } from './spellings.ts'

const spelling = process.argv[2]
if (!isSpelling(spelling)) throw new TypeError(`There is no spelling '${spelling}'.`)

// What programs forget or abandon is in their traces, as far as it is to be compared.
process.removeAllListeners('warning')

console.log('ready')
for await (const line of createInterface(process.stdin)) {
  console.log(JSON.stringify(await traceOf(JSON.parse(line), spelling)))
}
