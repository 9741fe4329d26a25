/** A flag on its way to the disk: written to a temporary file, and renamed when it is whole. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Resource } from 'polvo'

/** As a resource: leaving it well keeps the file, leaving it with an error or a cancellation leaves nothing behind. */
export class FlagFile implements Resource<FileHandle> {
  readonly #path: string
  readonly #temporaryPath: string
  #handle: FileHandle | undefined

  constructor(folder: string, code: string) {
    this.#path = join(folder, `${code}.png`)
    this.#temporaryPath = `${this.#path}.part`
  }

  async enter(): Promise<FileHandle> {
    this.#handle = await open(this.#temporaryPath, 'w')
    return this.#handle
  }

  async exit(error?: unknown): Promise<void> {
    try {
      await this.#handle?.close()
      if (error === undefined) await rename(this.#temporaryPath, this.#path)
    } finally {
      await rm(this.#temporaryPath, { force: true })
    }
  }
}
