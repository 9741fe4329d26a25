/** Programs that print a trace, run in virtual time: the same program in both spellings prints the same lines. */
import { type Coroutine, type ExceptionContext, getRunningLoop } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { expect, test } from 'vitest'

/** Write a line of the trace: the values, joined by spaces. */
export type Print = (...values: unknown[]) => void

export type GeneratorProgram = (print: Print) => Coroutine<unknown>
export type AsyncProgram = (print: Print) => Promise<unknown>

export interface TraceOptions {
  cancelGrace?: number
  debug?: boolean
  /** Real timers and I/O are waited for. */
  io?: boolean
  /** Leave the reports to the exception handler out of the trace. */
  hideReports?: boolean
}

/**
 * Run a program and return its trace. Reports to the exception handler become lines `report: …`, and an error that comes out
 * of the program becomes a last line.
 */
export async function traceOf(
  program: GeneratorProgram | AsyncProgram,
  { hideReports = false, ...options }: TraceOptions = {},
): Promise<string[]> {
  const trace: string[] = []
  const print: Print = (...values) => trace.push(values.map(word).join(' '))
  const report = ({ message, exception }: ExceptionContext) => {
    if (!hideReports) print('report:', message, ...(exception === undefined ? [] : [exception]))
  }
  const ended = runVirtual(() => {
    getRunningLoop().setExceptionHandler((_, context) => report(context))
    return program(print) as Promise<unknown>
  }, options).catch((error: unknown) => print('out comes', error))
  await Promise.race([ended, tooLong(print)])
  return trace
}

async function tooLong(print: Print): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5000).unref())
  print('HANGS')
}

function word(value: unknown): string {
  return value instanceof Error ? value.name : String(value)
}

/** Both programs print `expected`. */
export function bothSpellings(
  name: string,
  expected: readonly string[],
  programs: { generator: GeneratorProgram; async: AsyncProgram },
  options?: TraceOptions,
): void {
  test(`${name} (generators)`, async () => {
    expect(await traceOf(programs.generator, options)).toEqual(expected)
  })
  test(`${name} (async)`, async () => {
    expect(await traceOf(programs.async, options)).toEqual(expected)
  })
}
