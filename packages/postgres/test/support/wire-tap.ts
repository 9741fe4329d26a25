/**
 * What goes over the wire, seen from inside pg: which statement was sent last, and how far its answer has come. For one
 * connection at a time; the side connections of cancel requests log in nowhere and are not seen.
 */
import pg from 'pg'

export type Phase = 'connecting' | 'sent' | 'rows' | 'ready'

type Method = (this: object, ...args: unknown[]) => unknown
const prototype = pg.Connection.prototype as unknown as Record<'query' | 'parse' | 'startup' | 'emit', Method>

export class WireTap {
  phase: Phase = 'connecting'
  text = ''
  /** Called after each change, and after whoever is concerned has heard of it. */
  onChange: () => void = () => {}
  readonly #original = { ...pick() }

  constructor() {
    const { query, parse, startup, emit } = this.#original
    const change = (phase: Phase, text = this.text) => {
      this.phase = phase
      this.text = text
      this.onChange()
    }
    prototype.query = function (this: object, text: unknown) {
      const result = query.call(this, text)
      change('sent', text as string)
      return result
    }
    prototype.parse = function (this: object, ...args: unknown[]) {
      const result = parse.apply(this, args)
      change('sent', (args[0] as { text: string }).text)
      return result
    }
    prototype.startup = function (this: object, ...args: unknown[]) {
      change('connecting', '')
      return startup.apply(this, args)
    }
    prototype.emit = function (this: object, ...args: unknown[]) {
      const result = emit.apply(this, args)
      if (args[0] === 'rowDescription') change('rows')
      if (args[0] === 'readyForQuery') change('ready')
      return result
    }
  }

  [Symbol.dispose](): void {
    Object.assign(prototype, this.#original)
  }
}

function pick() {
  const { query, parse, startup, emit } = prototype
  return { query, parse, startup, emit }
}
