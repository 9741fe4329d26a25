/**
 * A cancelled handle never runs, even when it was cancelled by an earlier callback of the very pass in which
 * it was due.
 */
import { type Coroutine, getRunningLoop, type Handle, run, sleep } from 'polvo'

function* main(): Coroutine {
  const loop = getRunningLoop()
  const handles = new Map<string, Handle>()

  function snatch(victim: string): void {
    handles.get(victim)!.cancel()
    console.log('snatched', victim)
  }

  for (const name of ['ash', 'birch', 'cedar']) handles.set(name, loop.callSoon(console.log, name))
  handles.get('ash')!.cancel()
  loop.callSoon(snatch, 'dogwood')
  handles.set('dogwood', loop.callSoon(console.log, 'dogwood'))
  handles.set('elm', loop.callSoon(console.log, 'elm'))

  yield* sleep(0)
  handles.get('elm')!.cancel()
  handles.get('elm')!.cancel()
  for (const name of [...handles.keys()].sort()) {
    console.log(name, 'cancelled', handles.get(name)!.cancelled())
  }
}

await run(main)
