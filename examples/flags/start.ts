/** `npm start`: every code from the DELAY server, 100 at once; with arguments of its own, what they say. */
const [node = '', , ...args] = process.argv
const mainJob = ['--every', '--server', 'DELAY', '--max_req', '100', '--variant', 'async']
process.argv = [node, 'flags', ...(args.length === 0 ? mainJob : args)]
await import('./main.ts')

export {}
