/** The life of an application from its start to its stop: the resources it has open around its requests. */
import { type Coroutine, use } from 'polvo'
import type { Application } from './application.ts'
import { RunningApplication } from './running-application.ts'

/** Open the resources of an application, run `body` with it, and close them in reverse order. */
export function* withApplication<T>(
  app: Application,
  body: (running: RunningApplication) => Coroutine<T>,
): Coroutine<T> {
  const running = new RunningApplication(app)
  app._setRunning(running)
  const resources = app._allResources()
  const openFrom = function* (index: number): Coroutine<T> {
    const next = resources[index]
    if (next === undefined) return yield* runBody(running, body)
    const { app: owner, opener } = next
    return (yield* use(opener.open(owner) as AsyncDisposable, (value: unknown) => {
      if (opener.key !== null) owner.state.set(opener.key, value)
      return openFrom(index + 1)
    })) as T
  }
  try {
    return yield* openFrom(0)
  } finally {
    app._setRunning(null)
  }
}

function* runBody<T>(
  running: RunningApplication,
  body: (running: RunningApplication) => Coroutine<T>,
): Coroutine<T> {
  try {
    return yield* body(running)
  } finally {
    yield* running.close()
  }
}
