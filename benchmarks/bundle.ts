import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Bundle a program and the packages it imports, as published, into one file. */
export async function bundle(program: URL, { minify }: { minify: boolean }): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(program)],
    bundle: true,
    minify,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
  })
  return outputFiles[0]!.contents
}
