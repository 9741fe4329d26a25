/** Bodies that are compressed while they are sent. */
import { createBrotliCompress, createDeflate, createGzip } from 'node:zlib'
import { misuse } from 'polvo/lowlevel'
import type { Coding } from './decompress.ts'
import type { RequestBody } from './request-body.ts'
import { type Chunks, openSource } from './sources.ts'
import { bytesOf, Upload } from './upload.ts'

/** `body`, compressed. Nobody knows how long that will be. @throws TypeError */
export function compressed(body: RequestBody, compress: Coding | true): RequestBody {
  const coding = compress === true ? 'gzip' : compress
  if (coding !== 'gzip' && coding !== 'deflate' && coding !== 'br') {
    throw misuse(`compress takes true, 'gzip', 'deflate' or 'br', and was given ${JSON.stringify(coding)}.`)
  }
  const { type, canRepeat } = body
  return {
    type,
    canRepeat,
    coding,
    length: null,
    chunks: () => compressing(body.chunks(), coding),
    open: () => new Upload(compressing(body.chunks(), coding)),
  }
}

/** Its awaits are those of the task that goes through it, so that a cancellation reaches `source`. */
async function* compressing(source: Chunks, coding: Coding): AsyncGenerator<Uint8Array> {
  const stream = coding === 'gzip' ? createGzip() : coding === 'br' ? createBrotliCompress() : createDeflate()
  const { chunks, abandon } = openSource(source)
  const done: Buffer[] = []
  let failure: Error | null = null
  stream.on('data', (chunk: Buffer) => done.push(chunk))
  stream.on('error', (error) => {
    failure = error
  })
  try {
    for await (const chunk of chunks) {
      await new Promise((resolve) => stream.write(bytesOf(chunk), resolve))
      if (failure !== null) throw failure
      yield* done.splice(0)
    }
    await new Promise((resolve) => stream.on('close', resolve).end())
    yield* done
  } finally {
    stream.destroy()
    abandon()
  }
}
