/** A folder whose files are sent. What comes from outside stays inside of it: by its name, and where symbolic links lead. */
import { realpath, stat } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type Coroutine, fromCallback } from 'polvo'
import { type FileOptions, file } from './file.ts'
import { HttpNotFound } from './http-error.ts'
import { isAbsent } from './open-file.ts'
import type { HttpRequest } from './request.ts'
import { redirect } from './respond.ts'
import type { HttpResponse } from './response.ts'

/** What `app.static` takes beside the prefix and the folder. */
export interface StaticOptions extends Pick<FileOptions, 'maxAge' | 'precompressed' | 'headers'> {
  /** What is sent for a folder; by default `index.html`, null for a 404. */
  index?: string | null | undefined
  /** Send files and folders whose name begins with a dot; by default they are a 404. */
  dotfiles?: boolean | undefined
  /** Follow symbolic links that lead out of the folder; by default they are a 404. */
  followLinks?: boolean | undefined
  /** A file of the folder that is sent where there is none, for applications that look at the path in the browser. */
  fallback?: string | undefined
}

/** The handler for the files of a folder; the route has the parameter `path`. */
export function staticFiles(
  folder: string,
  options: StaticOptions,
): (request: HttpRequest) => Coroutine<HttpResponse> {
  const files = new StaticFiles(resolve(folder), options)
  return (request) => files.answer(request)
}

class StaticFiles {
  readonly #folder: string
  readonly #options: StaticOptions

  constructor(folder: string, options: StaticOptions) {
    this.#folder = folder
    this.#options = options
  }

  *answer(request: HttpRequest): Coroutine<HttpResponse> {
    const { path: wanted = '' } = request.params as { path?: string }
    const found = this.#isAllowed(wanted) ? yield* this.#find(request, wanted) : null
    if (found !== null) return found
    const { fallback } = this.#options
    if (fallback === undefined) throw new HttpNotFound(`There is nothing at ${request.path}.`)
    return this.#send(join(this.#folder, fallback))
  }

  /** No way up, no other root, nothing hidden. */
  #isAllowed(path: string): boolean {
    if (path.includes('\0') || (sep === '\\' && /[\\:]/.test(path))) return false
    return path
      .split('/')
      .every((part) => part !== '..' && (this.#options.dotfiles === true || !part.startsWith('.')))
  }

  *#find(request: HttpRequest, wanted: string): Coroutine<HttpResponse | null> {
    const path = join(this.#folder, wanted)
    const kind = yield* this.#kindOf(path)
    if (kind === 'file') return wanted.endsWith('/') ? null : this.#send(path)
    const { index = 'index.html' } = this.#options
    if (kind !== 'folder' || index === null) return null
    const page = join(path, index)
    if ((yield* this.#kindOf(page)) !== 'file') return null
    if (wanted === '' || wanted.endsWith('/')) return this.#send(page)
    // Two slashes at the beginning would lead to another host.
    return redirect(`${request.path.replace(/^\/+/, '/')}/`, { status: 308 })
  }

  #send(path: string): HttpResponse {
    const { maxAge, precompressed, headers } = this.#options
    return file(path, { maxAge, precompressed, headers: { 'x-content-type-options': 'nosniff', ...headers } })
  }

  /** What is there and may be sent. */
  *#kindOf(path: string): Coroutine<'file' | 'folder' | null> {
    try {
      const real = yield* fromCallback<string>((done) => realpath(path, done))
      if (this.#options.followLinks !== true && !(yield* this.#isInside(real))) return null
      const stats = yield* fromCallback<{ isFile(): boolean; isDirectory(): boolean }>((done) =>
        stat(real, done),
      )
      return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : null
    } catch (error) {
      if (isAbsent(error)) return null
      throw error
    }
  }

  *#isInside(real: string): Coroutine<boolean> {
    const root = yield* fromCallback<string>((done) => realpath(this.#folder, done))
    const way = relative(root, real)
    return !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
  }
}
