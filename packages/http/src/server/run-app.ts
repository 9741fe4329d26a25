/** A program that is a server: from its first line to the signal that stops it. */
import process from 'node:process'
import { type Coroutine, use } from 'polvo'
import { main } from 'polvo/node'
import type { Application } from './application.ts'
import type { ServeOptions } from './serve-options.ts'
import { type HttpServer, serve } from './server.ts'
import { checkWorkers, isWorker, runCrew, serveUntilTold } from './workers.ts'

/** What `runApp` takes beside what `serve` does. */
export interface RunAppOptions extends ServeOptions {
  /** Is told that the server listens; by default a line is printed. With `workers`, each of them calls it. */
  onListening?: ((server: HttpServer) => void) | undefined
  /**
   * Serve in so many processes, which share the port by node:cluster; by default in this one. Each runs the whole program anew and
   * has an application, resources and state of its own. One that crashes is reported and replaced, after a pause that grows from 100 to
   * 10,000 ms while crashes follow each other; all stop together. Where the first ones end before they all listen, the status is 1.
   */
  workers?: number | undefined
}

/** Beyond the time for requests: for cancelled handlers, resources and what is still to be sent. */
const CLEAN_UP_MS = 10_000

/**
 * Serve an application until SIGINT or SIGTERM, then stop gracefully, and end the process with the status 130 or 143: a program's
 * last line.
 *
 *     runApp(app, { port: 8080 })
 *
 * A second signal ends the process at once. What `serve` throws is printed, and the status is 1. Returns a promise of the end, which
 * never rejects.
 */
export async function runApp(
  app: Application,
  { onListening, workers, ...options }: RunAppOptions = {},
): Promise<void> {
  const { stopWithin = 10_000 } = options
  const closeWithin = (stopWithin ?? 86_400_000) + CLEAN_UP_MS
  if (workers !== undefined) {
    checkWorkers(workers)
    if (!isWorker()) return runPrimary(workers, closeWithin, options)
  }
  await main(function* (): Coroutine {
    yield* use(
      serve(app, options),
      function* (server) {
        if (workers === undefined) (onListening ?? announce)(server)
        else onListening?.(server)
        yield* workers === undefined ? server.serveForever() : serveUntilTold(server)
      },
      { closeWithin },
    )
  })
  // The channel to the primary would keep it alive.
  if (workers !== undefined) process.exit()
}

async function runPrimary(count: number, closeWithin: number, { tls }: ServeOptions): Promise<void> {
  const onListening = (url: string) =>
    console.log(`Listening on ${url}, with ${count} workers. Ctrl+C stops it.`)
  await main(() => runCrew({ count, closeWithin, onListening, isSecure: tls !== undefined }))
}

function announce(server: HttpServer): void {
  console.log(`Listening on ${server.url}. Ctrl+C stops it.`)
}
