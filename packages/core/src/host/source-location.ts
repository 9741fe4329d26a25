/**
 * Where a coroutine is: the name of its function, and the file and line at which it is suspended, asked of the in-process
 * debugger protocol. It costs milliseconds, and is for inspection only. Hosts without the protocol give nothing.
 */

export interface SourceLocation {
  readonly name: string
  /** Path, relative to the working directory where it is below that; undefined where it is not known. */
  readonly file: string | undefined
  /** Counted from 1. */
  readonly line: number | undefined
  readonly url: string | undefined
}

interface Session {
  connect(): void
  disconnect(): void
  on(event: string, listener: (message: { params: { scriptId: string; url: string } }) => void): void
  post(method: string, params: object, done: (error: Error | null, result: ProtocolResult) => void): void
}

interface RemoteValue {
  objectId?: string
  value?: unknown
}

interface ProtocolResult {
  result?: RemoteValue
  internalProperties?: { name: string; value?: RemoteValue }[]
}

interface ScriptPosition {
  scriptId: string
  lineNumber: number
}

interface HostProcess {
  getBuiltinModule?: (name: string) => unknown
  cwd?: () => string
}

const { process } = globalThis as { process?: HostProcess }

/** Under this name an object is handed to the debugger for a moment. */
const HANDOVER = Symbol.for('polvo.inspected')

/** The urls of scripts by id: asking for them all is the slow part. */
const scripts = new Map<string, string>()

/** Where a suspended generator object is, or where a function begins; undefined where that cannot be told. */
export function locate(target: object): SourceLocation | undefined {
  const inspector = process?.getBuiltinModule?.('node:inspector') as
    | { Session: new () => Session }
    | undefined
  if (inspector === undefined) return undefined
  const session = new inspector.Session()
  session.connect()
  try {
    return locateWith(session, target)
  } catch {
    return undefined
  } finally {
    session.disconnect()
  }
}

function locateWith(session: Session, target: object): SourceLocation | undefined {
  const holder = globalThis as Record<symbol, unknown>
  holder[HANDOVER] = target
  let objectId: string | undefined
  try {
    objectId = evaluate(session, `globalThis[Symbol.for('${HANDOVER.description}')]`).objectId
  } finally {
    delete holder[HANDOVER]
  }
  const properties = internalsOf(session, objectId)
  const fn = typeof target === 'function' ? objectId : properties.get('[[GeneratorFunction]]')?.objectId
  const position = properties.get('[[GeneratorLocation]]') ?? properties.get('[[FunctionLocation]]')
  const { scriptId, lineNumber } = (position?.value ?? {}) as Partial<ScriptPosition>
  const url = scriptId === undefined ? undefined : urlOf(session, scriptId)
  return {
    name: fn === undefined ? 'anonymous' : nameOf(session, fn),
    file: url === undefined ? undefined : shorten(url),
    line: lineNumber === undefined ? undefined : lineNumber + 1,
    url,
  }
}

function ask(session: Session, method: string, params: object): ProtocolResult {
  let answer: ProtocolResult = {}
  session.post(method, params, (error, result) => {
    if (error !== null) throw error
    answer = result
  })
  return answer
}

function evaluate(session: Session, expression: string): RemoteValue {
  return ask(session, 'Runtime.evaluate', { expression }).result ?? {}
}

function internalsOf(session: Session, objectId: string | undefined): Map<string, RemoteValue> {
  const { internalProperties = [] } = ask(session, 'Runtime.getProperties', { objectId, ownProperties: true })
  return new Map(internalProperties.map(({ name, value }) => [name, value ?? {}]))
}

function nameOf(session: Session, objectId: string): string {
  const functionDeclaration = 'function () { return this.name }'
  const { result } = ask(session, 'Runtime.callFunctionOn', { objectId, functionDeclaration })
  return String(result?.value ?? '') || 'anonymous'
}

function urlOf(session: Session, scriptId: string): string | undefined {
  if (!scripts.has(scriptId)) {
    session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params.url))
    ask(session, 'Debugger.enable', {})
    ask(session, 'Debugger.disable', {})
  }
  return scripts.get(scriptId) || undefined
}

/** A path for people: relative where it is below the working directory. */
export function shorten(url: string): string {
  const path = url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : url
  const here = `${process?.cwd?.() ?? ''}/`
  return path.startsWith(here) ? path.slice(here.length) : path
}
