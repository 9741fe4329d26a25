/**
 * A callback runs in a copy-free snapshot: the context in which it was
 * scheduled, or the one it was given; done callbacks likewise.
 */
import { ContextVar, copyContext, createTask, type Future, getRunningLoop, run, sleep } from 'polvo'

const user = new ContextVar('user', { default: 'nobody' })

function report(label: string): void {
  console.log(label, user.get())
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  const future = loop.createFuture<void>()

  user.set('ann')
  const asAnn = copyContext()
  user.set('ben')
  const asBen = copyContext()

  loop.callSoon(report, 'soon, own:')
  loop.callSoon({ context: asAnn }, report, 'soon, as ann:')
  loop.callLater(30, report, 'later, own:')
  loop.callLater(60, { context: asAnn }, report, 'later, as ann:')
  future.addDoneCallback(() => report('done, own:'))
  future.addDoneCallback(() => report('done, as ann:'), { context: asAnn })

  asBen.run(() => user.set('benjamin'))
  loop.callSoon({ context: asBen }, report, 'soon, as changed ben:')
  await createTask(settle, future)
  await sleep(90)
  report('main:')
}

async function settle(future: Future<void>): Promise<void> {
  user.set('the settler')
  future.setResult()
}

await run(main)
