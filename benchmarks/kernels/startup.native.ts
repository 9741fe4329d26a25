/** The smallest program of all. Fair: one line of output, as all have. */
async function noop(): Promise<string> {
  return 'done'
}

console.log(await noop())
