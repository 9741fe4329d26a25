/** Forms as multipart/form-data (RFC 7578, with the escaping of names that browsers use). */
import { randomUUID } from 'node:crypto'
import { misuse } from 'polvo/lowlevel'
import { type Chunks, isSource, openSource } from './sources.ts'
import { bytesOf, describe } from './upload.ts'

/** What a part of a form is sent with. */
export interface PartOptions {
  /** Makes it a file of that name; by default a part is a file only where it is a File. */
  filename?: string | undefined
  /** By default that of a Blob, application/octet-stream for other files, nothing for text. */
  contentType?: string | undefined
}

interface Part {
  readonly head: Buffer
  readonly content: Buffer | Blob | Chunks
}

const CRLF = Buffer.from('\r\n')

/**
 * A form with files, which may be streams:
 *
 *     const form = new MultipartForm()
 *       .append('title', 'Holidays')
 *       .append('photo', createReadStream('sea.jpg'), { filename: 'sea.jpg', contentType: 'image/jpeg' })
 *     await use(session.post('/photos', { data: form }), () => {})
 *
 * It is read when it is sent: as often as one likes, but once where there is a stream in it. The web's FormData
 * can be sent as well.
 */
export class MultipartForm {
  readonly #boundary = `polvo-${randomUUID()}`
  readonly #parts: Part[] = []

  /**
   * Add a part, behind the others. Returns the form.
   * @throws TypeError for what is neither text, bytes, a Blob nor a source of bytes, and for a header that
   *   would not be one
   */
  append(
    name: string,
    value: string | Uint8Array | ArrayBuffer | Blob | Chunks,
    { filename, contentType }: PartOptions = {},
  ): this {
    const content = contentOf(name, value)
    const isText = typeof value === 'string'
    const file = filename ?? (value instanceof File ? value.name : isText ? undefined : 'blob')
    const type =
      contentType ??
      (value instanceof Blob && value.type !== ''
        ? value.type
        : isText
          ? undefined
          : 'application/octet-stream')
    if (type !== undefined && /[\r\n]/.test(type)) {
      throw misuse(`contentType takes one line, and was given ${JSON.stringify(type)}.`)
    }
    const disposition = `content-disposition: form-data; name="${escapeName(withCrLf(name))}"`
    const filePart = file === undefined ? '' : `; filename="${escapeName(file)}"`
    const typePart = type === undefined ? '' : `\r\ncontent-type: ${type}`
    const head = Buffer.from(`--${this.#boundary}\r\n${disposition}${filePart}${typePart}\r\n\r\n`)
    this.#parts.push({ head, content })
    return this
  }

  /** @internal */
  static _from(form: FormData): MultipartForm {
    const made = new MultipartForm()
    for (const [name, value] of form) made.append(name, typeof value === 'string' ? withCrLf(value) : value)
    return made
  }

  /** @internal */
  get _type(): string {
    return `multipart/form-data; boundary=${this.#boundary}`
  }

  /** @internal In bytes; null where nobody knows. */
  get _length(): number | null {
    if (!this._canRepeat) return null
    const end = this.#end.length
    return this.#parts.reduce(
      (sum, { head, content }) => sum + head.length + sizeOf(content) + CRLF.length,
      end,
    )
  }

  /** @internal */
  get _canRepeat(): boolean {
    return this.#parts.every(({ content }) => Buffer.isBuffer(content) || content instanceof Blob)
  }

  get #end(): Buffer {
    return Buffer.from(`--${this.#boundary}--\r\n`)
  }

  /** @internal */
  async *_chunks(): AsyncGenerator<Uint8Array> {
    for (const { head, content } of this.#parts) {
      yield head
      if (Buffer.isBuffer(content)) yield content
      else yield* piecesOf(content instanceof Blob ? content.stream() : content)
      yield CRLF
    }
    yield this.#end
  }
}

async function* piecesOf(source: Chunks): AsyncGenerator<Uint8Array> {
  const { chunks, abandon } = openSource(source)
  try {
    for await (const chunk of chunks) yield bytesOf(chunk)
  } finally {
    abandon()
  }
}

function contentOf(name: string, value: unknown): Part['content'] {
  if (typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return bytesOf(value)
  if (value instanceof Blob || isSource(value)) return value
  throw misuse(
    `The part ${JSON.stringify(name)} takes text, bytes, a Blob or a source of bytes, and was given ${describe(value)}.`,
  )
}

function sizeOf(content: Part['content']): number {
  return content instanceof Blob ? content.size : (content as Buffer).length
}

function withCrLf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n')
}

function escapeName(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}
