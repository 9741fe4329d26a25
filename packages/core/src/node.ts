/** polvo/node: what only a process has. */
export { main } from './node/main.ts'
