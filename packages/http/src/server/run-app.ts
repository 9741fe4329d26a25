/** A program that is a server: from its first line to the signal that stops it. */
import { type Coroutine, use } from 'polvo'
import { main } from 'polvo/node'
import type { Application } from './application.ts'
import type { ServeOptions } from './serve-options.ts'
import { type HttpServer, serve } from './server.ts'

/** What `runApp` takes beside what `serve` does. */
export interface RunAppOptions extends ServeOptions {
  /** Is told that the server listens; by default a line is printed. */
  onListening?: ((server: HttpServer) => void) | undefined
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
  { onListening = announce, ...options }: RunAppOptions = {},
): Promise<void> {
  const { stopWithin = 10_000 } = options
  const closeWithin = (stopWithin ?? 86_400_000) + CLEAN_UP_MS
  await main(function* (): Coroutine {
    yield* use(
      serve(app, options),
      function* (server) {
        onListening(server)
        yield* server.serveForever()
      },
      { closeWithin },
    )
  })
}

function announce(server: HttpServer): void {
  console.log(`Listening on ${server.url}. Ctrl+C stops it.`)
}
