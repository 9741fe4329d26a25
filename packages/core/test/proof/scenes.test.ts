/**
 * Every primitive under cancellation at every suspension and under explored schedules, in both spellings.
 *
 * A failure prints the point, or the seed and the schedule. POLVO_PROOF_SEED varies the random part, POLVO_PROOF_FACTOR multiplies it.
 */
import { cancelAtEveryCheckpoint, explore, LeftBehindError, type Watch } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { Watchman } from '../../src/testing/watch.ts'
import { queueScenes } from './scenes/queues.ts'
import { streamScenes } from './scenes/streams.ts'
import { structuredScenes } from './scenes/structured.ts'
import { syncScenes } from './scenes/sync.ts'

const seed = Number(process.env.POLVO_PROOF_SEED ?? 1)
const factor = Number(process.env.POLVO_PROOF_FACTOR ?? 1)

const scenes = { sync: syncScenes, queues: queueScenes, structured: structuredScenes, streams: streamScenes }

/** The scene as a program by itself, which fails where something is left behind. */
const alone = (scene: (watch: Watch) => unknown) =>
  function* () {
    const watchman = new Watchman()
    yield* scene(watchman) as Generator<never>
    const complaints = watchman.complaints()
    if (complaints.length > 0) throw new LeftBehindError(complaints)
  }

const aloneAsync = (scene: (watch: Watch) => Promise<unknown>) => async () => {
  const watchman = new Watchman()
  await scene(watchman)
  const complaints = watchman.complaints()
  if (complaints.length > 0) throw new LeftBehindError(complaints)
}

describe.each(Object.entries(scenes))('%s', (_, list) => {
  describe.each(list)('$name', (scene) => {
    test('can be cancelled at every suspension (generators)', { timeout: 60_000 }, async () => {
      const sweep = await cancelAtEveryCheckpoint(scene.generator, {
        schedules: 2 * factor,
        seed,
        ...scene.options,
      })
      expect(sweep.runs).toBeGreaterThan(4)
    })

    test('can be cancelled at every suspension (async)', { timeout: 60_000 }, async () => {
      const sweep = await cancelAtEveryCheckpoint(scene.async, {
        schedules: 2 * factor,
        seed,
        ...scene.options,
      })
      expect(sweep.runs).toBeGreaterThan(4)
    })

    test('holds in any order (generators)', { timeout: 60_000 }, async () => {
      await explore(alone(scene.generator), { runs: 100 * factor, seed })
      await explore(alone(scene.generator), { runs: 50 * factor, seed, strategy: 'pct' })
      await explore(alone(scene.generator), { strategy: 'lifo' })
    })

    test('holds in any order (async)', { timeout: 60_000 }, async () => {
      await explore(aloneAsync(scene.async), { runs: 100 * factor, seed })
      await explore(aloneAsync(scene.async), { runs: 50 * factor, seed, strategy: 'pct' })
      await explore(aloneAsync(scene.async), { strategy: 'lifo' })
    })
  })
})
