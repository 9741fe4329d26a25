/** A million rows by polvo's cursor, in generators. Fair: a thousand at a time, in arrays, as pg-cursor gives them. */
import { createPool } from '@polvo/postgres'
import { forEach, run } from 'polvo'
import type { Sizes } from '../kernel.ts'
import { MILLION_ROWS } from '../million-rows.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function prepare({ repeats }: Sizes) {
  const pool = createPool(await postgresUrl())
  await run(() => pool.connect())
  return {
    run: () =>
      run(function* () {
        let count = 0
        const cursor = pool.cursor(MILLION_ROWS, [repeats], { batch: 1000 })
        yield* forEach(cursor.batches(), (rows) => {
          count += rows.length
        })
        return count
      }),
    close: () => run(() => pool.close()),
  }
}
