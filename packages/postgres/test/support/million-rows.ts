/** Go through a million rows, and print how many came and how much memory the process has had at most. */
import { run, use } from 'polvo'
import { createPool } from '../../src/index.ts'

const rows = await run(() =>
  use(createPool(process.argv[2] as string), async (pool) => {
    let count = 0
    const text = "select g as id, 'row number ' || g as name from generate_series(1, 1000000) g"
    for await (const _ of pool.cursor(text)) count++
    return count
  }),
)
const peakMegabytes = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ rows, peakMegabytes }))
