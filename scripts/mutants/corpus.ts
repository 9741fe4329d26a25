/** The conformance programs and the recorded programs of the fuzzer as tests, in the process that loads this. */
import { deepStrictEqual } from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { differenceOf } from '../../conformance/fuzz/compare.ts'
import { programOf } from '../../conformance/fuzz/generate.ts'
import { RECORDED, Recording } from '../../conformance/fuzz/recording.ts'
import { SPELLINGS as PLAYED, traceOf } from '../../conformance/fuzz/spellings.ts'
import { hasTwin, programsNamed, recordedTrace, SPELLINGS, twinFile } from '../../conformance/programs.ts'
import { test } from './suite.ts'

let runs = 0

for (const spelling of SPELLINGS) {
  for (const program of programsNamed([])) {
    if (!hasTwin(program, spelling) || program.startsWith('stream_')) continue
    const file = twinFile(program, spelling)
    test(`${program} (${spelling})`, async () => {
      const print = console.log
      let printed = ''
      console.log = (...values: unknown[]) => {
        printed += `${format(...values)}\n`
      }
      try {
        await import(`${pathToFileURL(file)}?run=${++runs}`)
      } finally {
        console.log = print
      }
      deepStrictEqual(printed, recordedTrace(program))
    })
  }
}

const recording = new Recording()
for (let number = 0; number < RECORDED; number++) {
  for (const spelling of PLAYED) {
    test(`random program ${number} (${spelling})`, async () => {
      const program = programOf(1, number)
      const [wanted, got] = [await recording.traceOf(program), await traceOf(program, spelling)]
      if (differenceOf(wanted, got) !== null) deepStrictEqual(got, wanted)
    })
  }
}
