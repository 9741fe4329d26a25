/** Cookies: those that servers set, in a jar of tough-cookie, and those that a request is given. */
import { isIP } from 'node:net'
import { misuse } from 'polvo/lowlevel'
import { CookieJar as Jar } from 'tough-cookie'

/** What a session asks of its cookie jar, for jars of one's own. */
export interface CookieStore {
  /** The value of the Cookie header for a request to `url`; '' for none. */
  cookieHeader(url: URL): string
  /** A response from `url` had this Set-Cookie header. One that cannot be is ignored. */
  setCookie(setCookie: string, url: URL): void
}

/** What a cookie jar is made with. */
export interface CookieJarOptions {
  /** Keep cookies of servers that are addressed by number, such as `http://127.0.0.1/`; by default false. */
  unsafe?: boolean | undefined
}

/** A cookie, for those who look into a jar. */
export interface Cookie {
  /** Its name. */
  readonly name: string
  /** Its value, as the server wrote it. */
  readonly value: string
  /** The host, or the domain with all below it. */
  readonly domain: string
  /** It is sent to this path, and to those below it. */
  readonly path: string
}

/**
 * Keeps the cookies that servers set, and gives each server its own (RFC 6265, with the public suffix list).
 * A session makes one for itself; give one to several sessions to share it, or to save it.
 */
export class CookieJar implements CookieStore {
  readonly #isUnsafe: boolean
  #jar: Jar | null = null

  constructor({ unsafe = false }: CookieJarOptions = {}) {
    this.#isUnsafe = unsafe
  }

  cookieHeader(url: URL): string {
    if (this.#jar === null || this.#isRefused(url)) return ''
    return this.#jar.getCookieStringSync(url.href)
  }

  setCookie(setCookie: string, url: URL): void {
    if (this.#isRefused(url)) return
    this.#jar ??= new Jar()
    this.#jar.setCookieSync(setCookie, url.href, { ignoreError: true })
  }

  /** Every cookie that is in it. */
  *[Symbol.iterator](): Generator<Cookie> {
    for (const { key, value, domain, path } of this.#jar?.serializeSync()?.cookies ?? []) {
      yield { name: String(key), value: String(value), domain: String(domain), path: String(path) }
    }
  }

  /** Throw all cookies away. */
  clear(): void {
    this.#jar = null
  }

  /** Its content as plain data, for `CookieJar.from`. */
  toJSON(): unknown {
    return { unsafe: this.#isUnsafe, jar: this.#jar?.serializeSync() ?? null }
  }

  /** A jar with what `toJSON` gave. @throws TypeError for anything else */
  static from(json: unknown): CookieJar {
    const { unsafe, jar } = Object(json) as { unsafe?: unknown; jar?: unknown }
    if (typeof unsafe !== 'boolean' || jar === undefined) {
      throw misuse('CookieJar.from() takes what toJSON() of a CookieJar gave.')
    }
    const made = new CookieJar({ unsafe })
    if (jar !== null) made.#jar = Jar.deserializeSync(jar as string)
    return made
  }

  #isRefused({ hostname }: URL): boolean {
    return !this.#isUnsafe && (hostname.startsWith('[') || isIP(hostname) !== 0)
  }
}

/** Cookies that a request or a session is given: names and values. */
export type Cookies = Readonly<Record<string, string | number>>

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const VALUE = /^[!#-+\--:<-[\]-~]*$/

/** As in a Cookie header. @throws TypeError for what cannot be in one */
export function cookiePairs(cookies: Cookies): readonly string[] {
  return Object.entries(cookies).map(([name, value]) => {
    const pair = `${name}=${value}`
    if (NAME.test(name) && VALUE.test(String(value))) return pair
    throw misuse(
      `A cookie cannot be ${JSON.stringify(pair)}: encode it, for example with encodeURIComponent().`,
    )
  })
}

/** A Cookie header of several: where a name comes again, the later one is right. */
export function joinCookies(...parts: readonly (readonly string[])[]): string {
  const byName = new Map<string, string>()
  for (const pair of parts.flat()) byName.set(pair.slice(0, pair.indexOf('=')), pair)
  return [...byName.values()].join('; ')
}

export function pairsOf(header: string): readonly string[] {
  return header === '' ? [] : header.split(/;\s*/)
}
