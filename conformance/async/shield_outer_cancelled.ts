/**
 * Cancelling the one who awaits a shield gives it a CancelledError at once,
 * while the work behind the shield goes on and can be awaited again.
 */
import { CancelledError, createTask, run, shield, sleep, type Task, wait } from 'polvo'

async function save(): Promise<string> {
  for (const percent of [50, 100]) {
    await sleep(0)
    console.log('saved', percent)
  }
  return 'all saved'
}

async function editor(saving: Task<string>): Promise<void> {
  try {
    console.log(await shield(saving))
  } catch (error) {
    if (error instanceof CancelledError) console.log('editor closed, saving done', saving.done())
    throw error
  }
}

async function main(): Promise<void> {
  const saving = createTask(save)
  const editing = createTask(editor, saving)
  await sleep(0)
  editing.cancel()
  await wait([editing])
  console.log('editing cancelled', editing.cancelled())
  console.log('saving requests', saving.cancelling())
  console.log(await shield(saving))
}

await run(main)
