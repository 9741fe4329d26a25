/** A million rows by polvo's cursor, in an async function. Fair: a thousand at a time, in arrays, as pg-cursor gives them. */
import { createPool } from '@polvo/postgres'
import { run } from 'polvo'
import type { Sizes } from '../kernel.ts'
import { MILLION_ROWS } from '../million-rows.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function prepare({ repeats }: Sizes) {
  const pool = createPool(await postgresUrl())
  await run(() => pool.connect())
  return {
    run: () =>
      run(async () => {
        let count = 0
        const cursor = pool.cursor(MILLION_ROWS, [repeats], { batch: 1000 })
        for await (const rows of cursor.batches()) count += rows.length
        return count
      }),
    close: () => run(() => pool.close()),
  }
}
