/** FormData as multipart/form-data (RFC 7578, with the escaping of names that browsers use). */
import { randomUUID } from 'node:crypto'

/** A form, encoded but for the contents of its files, which are read when they are sent. */
export class Multipart {
  readonly type: string
  /** In bytes. */
  readonly length: number
  readonly #parts: readonly (Buffer | Blob)[]

  constructor(form: FormData) {
    const boundary = `polvo-${randomUUID()}`
    this.type = `multipart/form-data; boundary=${boundary}`
    const parts: (Buffer | Blob)[] = []
    for (const [name, value] of form) {
      const head = `--${boundary}\r\ncontent-disposition: form-data; name="${escapeName(withCrLf(name))}"`
      if (typeof value === 'string') parts.push(Buffer.from(`${head}\r\n\r\n${withCrLf(value)}\r\n`))
      else {
        const type = value.type || 'application/octet-stream'
        const file = `; filename="${escapeName(value.name)}"\r\ncontent-type: ${type}\r\n\r\n`
        parts.push(Buffer.from(head + file), value, Buffer.from('\r\n'))
      }
    }
    parts.push(Buffer.from(`--${boundary}--\r\n`))
    this.#parts = parts
    this.length = parts.reduce((sum, part) => sum + (part instanceof Blob ? part.size : part.length), 0)
  }

  /** The bytes, anew for each call. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const part of this.#parts) {
      if (part instanceof Blob) yield* part.stream()
      else yield part
    }
  }
}

function withCrLf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n')
}

function escapeName(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}
