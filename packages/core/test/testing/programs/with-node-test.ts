/** Run by Node's own test runner: virtual time needs nothing of Vitest. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event, getRunningLoop, sleep } from 'polvo'
import { runVirtual } from 'polvo/testing'

test('an hour takes no time', () =>
  runVirtual(async () => {
    await sleep(3_600_000)
    assert.equal(getRunningLoop().time(), 3_600_000)
  }))

test('a deadlock fails', async () => {
  const stuck = runVirtual(function* () {
    yield* new Event().wait()
  })
  await assert.rejects(stuck, { code: 'POLVO_DEADLOCK' })
})
