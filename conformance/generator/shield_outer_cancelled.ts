/**
 * Cancelling the one who awaits a shield gives it a CancelledError at once,
 * while the work behind the shield goes on and can be awaited again.
 */
import { CancelledError, type Coroutine, createTask, run, shield, sleep, type Task, wait } from 'polvo'

function* save(): Coroutine<string> {
  for (const percent of [50, 100]) {
    yield* sleep(0)
    console.log('saved', percent)
  }
  return 'all saved'
}

function* editor(saving: Task<string>): Coroutine {
  try {
    console.log(yield* shield(saving))
  } catch (error) {
    if (error instanceof CancelledError) console.log('editor closed, saving done', saving.done())
    throw error
  }
}

function* main(): Coroutine {
  const saving = createTask(save)
  const editing = createTask(editor, saving)
  yield* sleep(0)
  editing.cancel()
  yield* wait([editing])
  console.log('editing cancelled', editing.cancelled())
  console.log('saving requests', saving.cancelling())
  console.log(yield* shield(saving))
}

await run(main)
