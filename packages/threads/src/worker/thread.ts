/**
 * Where a thread of a ThreadPoolExecutor begins.
 *
 * When it has answered, it waits a moment for the next order without going through its event loop, which halves the
 * time of a round trip. It does so for a few milliseconds only, and not for ever while orders keep coming, so that
 * timers and sockets of the work's modules get their turn.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { ToWorker } from '../messages.ts'
import { SharedFlag } from './flags.ts'
import { serve } from './serve.ts'

/**
 * How long it waits outside its event loop for one order, and for how long it may keep out of it. In milliseconds.
 */
const LINGER = 5
const LONGEST_ABSENCE = 20

const port = parentPort as MessagePort
/** The number of the cancelled job, and how many messages were sent here. */
const cells: Int32Array = workerData.cells
let received = 0
let lastTurn = 0

const handle = serve(new SharedFlag(cells), (reply, transfers) => port.postMessage(reply, transfers), linger)

port.on('message', (message: ToWorker) => {
  lastTurn = performance.now()
  receive(message)
})

function receive(message: ToWorker): void {
  received = (received + 1) | 0
  handle(message)
}

function linger(): void {
  if (performance.now() - lastTurn > LONGEST_ABSENCE) return
  Atomics.wait(cells, 1, received, LINGER)
  const entry = receiveMessageOnPort(port)
  if (entry !== undefined) receive(entry.message)
}
