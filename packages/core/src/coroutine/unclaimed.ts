/**
 * Operations that were created and never awaited: `sleep(5)` on a line of its own does nothing, and says so.
 *
 * Most operations are awaited in the expression that makes them, so the newest one is only remembered until there is a newer
 * one, and kept apart where it is still unclaimed then. What is still unclaimed when its loop has nothing left to do is watched
 * from then on, and reported when it is collected, or when the run that made it ends.
 *
 * Async code is resumed outside the loop's own steps, so what it makes has no loop at first (null); its next await, or its
 * end, tells (`noteMaker`).
 */
import { creationSite } from '../host/creation-sites.ts'
import { runningScheduler, type Scheduler } from '../loop/scheduler.ts'

export interface Claimable {
  /** @internal Somebody awaits it, or it was closed. */
  readonly _isClaimed: boolean
  /** @internal What it is, for the report: `sleep(5)`. */
  _describe(): string
}

interface Unclaimed {
  readonly operation: Claimable
  loop: Scheduler | null
}

let newest: Claimable | null = null
let newestLoop: Scheduler | null = null
let older: Unclaimed[] = []
/** Whether any of the older ones has no loop yet. */
let isMakerUnknown = false

/** Note that an operation was made, perhaps anew: then it may be the newest already. */
export function noteCreated(operation: Claimable): void {
  if (newest !== null && !newest._isClaimed && newest !== operation) keepApart(newest)
  newest = operation
  newestLoop = runningScheduler()
}

function keepApart(operation: Claimable): void {
  older.push({ operation, loop: newestLoop })
  if (newestLoop === null) isMakerUnknown = true
}

/** Async code of `loop` has come to an await, or to its end: what was made just now was made by it. */
export function noteMaker(loop: Scheduler): void {
  newestLoop ??= loop
  if (!isMakerUnknown) return
  isMakerUnknown = false
  for (const unclaimed of older) unclaimed.loop ??= loop
}

/** What was made until now has been made outside of any run, by the program around it: `loop` answers for it. */
export function noteOutsiders(loop: () => Scheduler): void {
  if (newest !== null || older.length > 0) noteMaker(loop())
}

interface Watched {
  readonly loop: WeakRef<Scheduler>
  readonly name: string
  readonly site: string
  readonly operation: WeakRef<Claimable>
}

const watched = new Set<Watched>()
const collected = new FinalizationRegistry<Watched>((entry) => {
  if (!watched.delete(entry)) return
  const loop = entry.loop.deref()
  if (loop !== undefined) report(loop, entry)
})

/** Watch what `loop` made and nobody claimed by now: its makers had their chance to await it in the same step. */
export function watchUnclaimed(loop: Scheduler): void {
  if (newest === null && older.length === 0) return
  if (newest !== null) keepApart(newest)
  newest = null
  const candidates = older.filter(({ operation }) => !operation._isClaimed)
  older = candidates.filter((unclaimed) => unclaimed.loop !== loop)
  for (const { operation, loop: maker } of candidates) {
    if (maker !== loop) continue
    const entry = {
      loop: new WeakRef(loop),
      name: operation._describe(),
      site: creationSite(operation),
      operation: new WeakRef(operation),
    }
    watched.add(entry)
    collected.register(operation, entry)
  }
}

/** The run of `loop` is over: what it made and nobody awaited is reported now. */
export function reportUnclaimed(loop: Scheduler): void {
  watchUnclaimed(loop)
  for (const entry of watched) {
    if (entry.loop.deref() !== loop) continue
    watched.delete(entry)
    const operation = entry.operation.deref()
    if (operation !== undefined && !operation._isClaimed) report(loop, entry)
  }
}

function report(loop: Scheduler, { name, site }: Watched): void {
  loop.callExceptionHandler({
    message: `${name} was created${site} and never awaited, so it did nothing. Write \`yield* ${name}\` or \`await ${name}\`.`,
  })
}
