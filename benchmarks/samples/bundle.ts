import { gzipSync } from 'node:zlib'
import { bundle } from '../bundle.ts'
import type { Sample } from '../kernel.ts'

export async function bundleSample(program: URL): Promise<Sample> {
  const code = await bundle(program, { minify: true })
  return { values: { gzip: gzipSync(code, { level: 9 }).length } }
}
