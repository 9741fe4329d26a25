/** Forms that are read as a whole: fields and files by their names. */
import { type Coroutine, InvalidStateError } from 'polvo'
import { HttpUnsupportedMediaType } from './http-error.ts'
import { charsetOf, decodeText } from './media-type.ts'
import { type MultipartOptions, MultipartStream } from './multipart-stream.ts'
import type { HttpRequest } from './request.ts'

/** As the limits of `request.multipart()`. */
export type FormOptions = MultipartOptions

/** A file that came with a form. */
export interface FormFile {
  /** The name it has at the client's, without folders. Do not use it as a path. */
  readonly filename: string
  /** The content-type it says it has. */
  readonly type: string
  /** Its content. */
  readonly bytes: Buffer
}

/** What a form has sent: texts and files, by the names of their fields, in the order they came. */
export class FormValues {
  readonly #fields = new Map<string, string[]>()
  readonly #files = new Map<string, FormFile[]>()

  /** @internal */
  _add(name: string, value: string | FormFile): void {
    if (typeof value === 'string') append(this.#fields, name, value)
    else append(this.#files, name, value)
  }

  /** The names of all fields and files. */
  get names(): string[] {
    return [...new Set([...this.#fields.keys(), ...this.#files.keys()])]
  }

  /** The first text of a field; undefined where there is none. */
  get(name: string): string | undefined {
    return this.#fields.get(name)?.[0]
  }

  /** All texts of a field. */
  getAll(name: string): readonly string[] {
    return this.#fields.get(name) ?? []
  }

  /** The first file of a field; undefined where there is none. */
  file(name: string): FormFile | undefined {
    return this.#files.get(name)?.[0]
  }

  /** All files of a field. */
  files(name: string): readonly FormFile[] {
    return this.#files.get(name) ?? []
  }
}

function append<T>(map: Map<string, T[]>, name: string, value: T): void {
  const values = map.get(name)
  if (values === undefined) map.set(name, [value])
  else values.push(value)
}

/** Read the form that a request has sent. */
export function* formOf(request: HttpRequest<unknown>, options: FormOptions): Coroutine<FormValues> {
  if (request.stream.isRead) throw new InvalidStateError('The body was read before; it is read once.')
  const { contentType } = request
  if (contentType === 'application/x-www-form-urlencoded') return yield* urlencoded(request)
  if (contentType === 'multipart/form-data') return yield* multipart(request, options)
  throw new HttpUnsupportedMediaType(
    `The body is of the type ${contentType || 'nothing'}; a form is ` +
      'application/x-www-form-urlencoded or multipart/form-data.',
  )
}

function* urlencoded(request: HttpRequest<unknown>): Coroutine<FormValues> {
  const values = new FormValues()
  const bytes = yield* request._bytes()
  const text = decodeText(bytes, charsetOf(request.headers['content-type']) ?? 'utf-8')
  for (const [name, value] of new URLSearchParams(text)) values._add(name, value)
  return values
}

function* multipart(request: HttpRequest<unknown>, options: FormOptions): Coroutine<FormValues> {
  const values = new FormValues()
  const parts = new MultipartStream(request.stream, request.headers, options)
  for (let part = yield* parts._next(); part !== undefined; part = yield* parts._next()) {
    const { name, filename, type } = part
    if (filename === null) values._add(name, yield* part.text())
    else values._add(name, { filename, type, bytes: yield* part.bytes() })
  }
  return values
}
