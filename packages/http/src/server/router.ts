/**
 * Which route a request is for. Paths of one shape, as `/users/:id<int>` and `/users/:name`, share a place in find-my-way, and are told
 * apart here: those that say more of their parameters first.
 */
import findMyWay, { type HTTPMethod } from 'find-my-way'
import { misuse } from 'polvo/lowlevel'
import { forRouter, type PathPattern, type PathValues } from './path-pattern.ts'

/** What a router leads to. */
export interface Routed {
  readonly method: string
  readonly pattern: PathPattern
}

/** A route that was found. */
export interface Found<R> {
  readonly route: R
  readonly params: PathValues
  /** Behind the question mark, as it was sent. */
  readonly query: string
}

/** Routes whose paths are of one shape. */
interface Place<R extends Routed> {
  readonly routes: readonly R[]
  readonly names: readonly string[]
  /** The one route there is, when its parameters are taken as they are found. */
  readonly only: R | null
}

/** The path has an escape that means nothing: `/%zz`. */
export const BAD_PATH = Symbol('bad path')

export class Router<R extends Routed> {
  readonly #router = findMyWay({
    querystringParser: (query) => query,
    maxParamLength: MAX_PARAM,
    onBadUrl: () => {},
  })
  readonly #methods: readonly string[]

  /** @throws TypeError for two routes of one method and path, or a path that the router refuses */
  constructor(routes: readonly R[]) {
    this.#methods = [...new Set(routes.map(({ method }) => method))]
    const places = Map.groupBy(routes, ({ method, pattern }) => `${method} ${pattern.shape}`)
    for (const place of places.values()) this.#add(place)
  }

  #add(routes: readonly R[]): void {
    const [{ method, pattern }] = routes as readonly [R]
    const isOne = routes.length === 1
    const names = pattern.params.map(({ name, isRest }, i) => (isRest ? '*' : isOne ? name : `p${i}`))
    const sorted = routes.toSorted((a, b) => b.pattern.strictness - a.pattern.strictness)
    refuseTwins(sorted)
    const place: Place<R> = {
      routes: sorted,
      names,
      only: isOne && pattern.strictness === 0 ? sorted[0]! : null,
    }
    const path = forRouter(
      routes.map((route) => route.pattern),
      names,
    )
    try {
      this.#router.on(method as HTTPMethod, path, () => {}, place)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw misuse(`The route ${method} ${pattern.path} cannot be: ${reason}`, { cause })
    }
  }

  /** The route for a request; null where there is none. */
  find(method: string, url: string): Found<R> | null | typeof BAD_PATH {
    const found = this.#router.find(method as HTTPMethod, url)
    if (found === null) return null
    const place = found.store as Place<R> | null | undefined
    if (place === null || place === undefined) return BAD_PATH
    const params = found.params as Record<string, string>
    const query = found.searchParams as unknown as string
    if (place.only !== null) {
      for (const name of place.names) if (params[name] === '') return null
      return { route: place.only, params, query }
    }
    for (const route of place.routes) {
      const values = route.pattern.accept(params, place.names)
      if (values !== null) return { route, params: values, query }
    }
    return null
  }

  /** The methods that the path of `url` has routes for, in alphabetical order. */
  methodsFor(url: string): string[] {
    return this.#methods
      .filter((method) => typeof this.find(method, url) === 'object' && this.find(method, url))
      .sort()
  }
}

/** In characters. Longer ones fit no route. */
const MAX_PARAM = 4096

function refuseTwins(routes: readonly Routed[]): void {
  const kinds = routes.map(({ pattern }) => pattern.params.map(({ type }) => type.pattern).join('\n'))
  const twin = kinds.findIndex((kind, i) => kinds.indexOf(kind) !== i)
  if (twin < 0) return
  const { method, pattern } = routes[twin] as Routed
  const first = routes[kinds.indexOf(kinds[twin] as string)] as Routed
  throw misuse(
    `The route ${method} ${pattern.path} is there twice: ${first.pattern.path} takes the same paths.`,
  )
}
