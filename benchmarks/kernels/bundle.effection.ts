/** The same of Effection. Fair: names, so that esbuild can leave out the others. */
export { run, sleep, spawn } from 'effection'
