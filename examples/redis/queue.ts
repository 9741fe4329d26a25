/** What the workers and those who give them jobs agree on: a stream, and the group of its workers. */
export const STREAM = 'jobs'
export const GROUP = 'workers'

/** Jobs of a worker that has said nothing for so many milliseconds are another's; by default a minute. */
export const claimAfter = Number(process.env.CLAIM_AFTER ?? 60_000)
