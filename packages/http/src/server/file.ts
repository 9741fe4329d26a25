/** Files as responses: with their type, in ranges, and not at all to those who have them. */
import { basename } from 'node:path'
import { lookup } from 'mrmime'
import type { Coroutine } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { acceptedEncodings } from './accept-encoding.ts'
import { showKind } from './describe.ts'
import type { Exchange } from './exchange.ts'
import { HttpError, HttpNotFound } from './http-error.ts'
import { OpenFile } from './open-file.ts'
import { type ByteRange, type Representation, select } from './preconditions.ts'
import { HttpResponse, type ResponseOptions, type StreamedBody } from './response.ts'

/** What `file` takes beside the path. */
export interface FileOptions extends Pick<ResponseOptions, 'headers'> {
  /** Have the browser save it rather than show it: true under its own name, or a name. */
  download?: boolean | string | undefined
  /** For how many seconds caches may keep it, without asking again; by default they ask each time. */
  maxAge?: number | undefined
  /** Send `FILE.br` or `FILE.gz`, where it lies beside it and the client takes it; by default false. */
  precompressed?: boolean | undefined
}

const CHUNK = 65_536

/**
 * A response with the content of a file: with its type by its name, `etag` and `last-modified`; 304 to those who have it, 206 to those
 * who ask for a range, 404 where there is no such file. A path from outside belongs into `app.static`, which keeps it in a folder.
 *
 * @throws TypeError for options that cannot be
 */
export function file(path: string, options: FileOptions = {}): HttpResponse {
  if (typeof path !== 'string') throw misuse(`file() takes a path, and was given ${showKind(path)}.`)
  const response = HttpResponse._of(new FileBody(path, options), typeOf(path), options)
  const { download, maxAge } = options
  if (download !== undefined && download !== false) {
    response.setHeader('content-disposition', attachment(download === true ? basename(path) : download))
  }
  if (maxAge !== undefined) response.setHeader('cache-control', `public, max-age=${maxAge}`)
  return response.setHeader('accept-ranges', 'bytes')
}

/** By the name of the file; text is taken for UTF-8. */
function typeOf(path: string): string {
  const type = lookup(path) ?? 'application/octet-stream'
  return /^text\/|^application\/(?:json|javascript|xml)$/.test(type) ? `${type}; charset=utf-8` : type
}

/** In the two ways of RFC 6266: for old clients, and in full. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^ -~]|["\\%]/g, '_')
  const escaped = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${escaped}`
}

class FileBody implements StreamedBody {
  readonly #path: string
  readonly #isPrecompressed: boolean
  #file: OpenFile | null = null

  constructor(path: string, { precompressed = false }: FileOptions) {
    this.#path = path
    this.#isPrecompressed = precompressed
  }

  *send(exchange: Exchange, response: HttpResponse): Coroutine {
    const file = yield* this.#open(exchange, response)
    if (file === null) throw new HttpNotFound(`There is nothing at ${exchange.request.path}.`)
    const has = representationOf(file, response)
    const chosen = select(exchange.incoming.headers, has)
    response.setHeader('etag', has.etag).setHeader('last-modified', has.modified.toUTCString())
    if (chosen.status === 412) throw new HttpError(412, 'The file is another one than you have.')
    if (chosen.status === 416) {
      throw new HttpError(416, `The file has ${has.size} bytes.`, {
        headers: { 'content-range': `bytes */${has.size}` },
      })
    }
    if (chosen.status === 304) {
      response.status = 304
      response.removeHeader('content-type')
      exchange.begin(response, false)
    } else if (chosen.status === 206) {
      const { start, end } = chosen.range
      response.status = 206
      response.setHeader('content-range', `bytes ${start}-${end}/${has.size}`)
      yield* copy(file, chosen.range, exchange, response)
    } else {
      yield* copy(file, { start: 0, end: has.size - 1 }, exchange, response)
    }
  }

  *#open(exchange: Exchange, response: HttpResponse): Coroutine<OpenFile | null> {
    if (this.#isPrecompressed) {
      response.appendHeader('vary', 'accept-encoding')
      for (const encoding of acceptedEncodings(exchange.incoming.headers['accept-encoding'])) {
        this.#file = yield* OpenFile.open(`${this.#path}.${encoding === 'gzip' ? 'gz' : encoding}`)
        if (this.#file === null) continue
        response.setHeader('content-encoding', encoding)
        return this.#file
      }
    }
    this.#file = yield* OpenFile.open(this.#path)
    return this.#file
  }

  close(): void {
    this.#file?.close()
  }
}

/** Two files of one size and one time, to the nanosecond, are taken for the same. */
function representationOf({ stats, size }: OpenFile, response: HttpResponse): Representation {
  const encoding = response.getHeader('content-encoding')
  const tag = `${stats.mtimeNs.toString(36)}-${size.toString(36)}${encoding === undefined ? '' : `-${encoding}`}`
  return { etag: `"${tag}"`, modified: new Date(Number(stats.mtimeMs)), size }
}

function* copy(
  file: OpenFile,
  { start, end }: ByteRange,
  exchange: Exchange,
  response: HttpResponse,
): Coroutine {
  response.setHeader('content-length', end - start + 1)
  const writer = exchange.begin(response)
  if (writer === null) return
  for (let at = start; at <= end; ) {
    const chunk = yield* file.read(at, Math.min(CHUNK, end - at + 1))
    if (chunk.length === 0)
      throw new Error(`The file has become shorter while it was sent: ${exchange.request.path}`)
    yield* writer._write(chunk)
    at += chunk.length
  }
  yield* writer._end()
}
