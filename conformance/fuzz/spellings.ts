/** The four ways in which polvo plays a program. */
import { call, coroutine, EventLoop, Runner, type Startable } from 'polvo'
import { inAsyncFunctions } from './async.ts'
import { inGenerators, type Mark } from './generator.ts'
import { inBoth } from './mixed.ts'
import type { Program } from './program.ts'
import { Stage } from './stage.ts'

export const SPELLINGS = ['generator', 'marked', 'async', 'mixed'] as const
export type Spelling = (typeof SPELLINGS)[number]

export function isSpelling(name: unknown): name is Spelling {
  return SPELLINGS.some((spelling) => spelling === name)
}

const plain: Mark = (fn) => fn

/** Play a program and return its trace, in which an error of the run itself is the last line. */
export async function traceOf(program: Program, spelling: Spelling): Promise<string[]> {
  const stage = new Stage()
  // The loop is always busy, so it never asks to be woken.
  const clock = { now: () => stage.now, wakeAt: () => () => {} }
  const runner = new Runner({ cancelGrace: Number.POSITIVE_INFINITY, loop: new EventLoop(clock) })
  runner.getLoop().setExceptionHandler(() => {})
  try {
    await runner.run(mainOf(stage, program, spelling))
    // Where tasks hold each other up for good, it would wait for them.
    if (stage.allDone()) await runner.close()
  } catch (error) {
    stage.trace.push(`the run fails: ${error instanceof Error ? error.stack : error}`)
  }
  return stage.trace
}

function mainOf(stage: Stage, program: Program, spelling: Spelling): Startable<void> {
  switch (spelling) {
    case 'generator':
      return inGenerators(stage, plain).main(program)
    case 'marked':
      return inGenerators(stage, coroutine).main(program)
    case 'async':
      return call(inAsyncFunctions(stage).main, program)
    case 'mixed':
      return inBoth(stage, program.seed).main(program)
  }
}
