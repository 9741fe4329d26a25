/** Digest authentication (RFC 7616), as a middleware. */
import { createHash, randomBytes } from 'node:crypto'
import { authorizationOf, type BasicAuth } from './auth.ts'
import type { ClientMiddleware } from './middleware.ts'

/** What a server asks for. */
interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly algorithm: string
  readonly hasQop: boolean
  /** How often its nonce was used. */
  uses: number
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
}

/**
 * A middleware that answers servers which ask for digest authentication, and from then on says it at once, to each
 * origin by itself. A request whose body is a stream cannot be answered for: it gets the 401.
 *
 *     const session = new ClientSession({ middlewares: [digestAuth({ username, password })] })
 *
 * @throws TypeError for what is no name and password
 */
export function digestAuth(auth: BasicAuth): ClientMiddleware {
  authorizationOf(auth) // It refuses the same.
  const known = new Map<string, Challenge>()
  return async function digestAuth(request, next) {
    if (request.headers.has('authorization')) return await next(request)
    const { origin } = request.url
    const challenge = known.get(origin)
    if (challenge !== undefined) request.headers.set('authorization', answer(challenge, auth, request))
    const response = await next(request)
    if (response.status !== 401 || !request.canRepeat) return response
    const asked = challengeOf(response.headers.get('www-authenticate') ?? '')
    if (asked === null || asked.nonce === challenge?.nonce) return response
    await response.release()
    known.set(origin, asked)
    request.headers.set('authorization', answer(asked, auth, request))
    return await next(request)
  }
}

/** Null where there is none that is understood. A server may offer several schemes in one header. */
export function challengeOf(header: string): Challenge | null {
  for (const [, text = ''] of header.matchAll(
    /\bDigest\s+((?:[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,]+)\s*,?\s*)+)/gi,
  )) {
    const fields = new Map<string, string>()
    for (const [, name = '', quoted, plain] of text.matchAll(
      /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g,
    )) {
      fields.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
    }
    const [realm, nonce, qop] = ['realm', 'nonce', 'qop'].map((name) => fields.get(name))
    const algorithm = fields.get('algorithm') ?? 'MD5'
    const isQopKnown = qop === undefined || qop.split(/\s*,\s*/).includes('auth')
    if (realm === undefined || nonce === undefined || !isQopKnown || hashOf(algorithm) === undefined) continue
    return { realm, nonce, opaque: fields.get('opaque'), algorithm, hasQop: qop !== undefined, uses: 0 }
  }
  return null
}

function hashOf(algorithm: string): string | undefined {
  return HASHES[algorithm.toUpperCase().replace(/-SESS$/, '')]
}

function answer(
  challenge: Challenge,
  auth: BasicAuth,
  { method, url }: { method: string; url: URL },
): string {
  const { realm, nonce, opaque, algorithm, hasQop } = challenge
  const hash = (text: string) =>
    createHash(hashOf(algorithm) as string)
      .update(text)
      .digest('hex')
  const cnonce = randomBytes(16).toString('hex')
  const count = (++challenge.uses).toString(16).padStart(8, '0')
  const path = url.pathname + url.search
  const user = hash(`${auth.username}:${realm}:${auth.password}`)
  const secret = /-sess$/i.test(algorithm) ? hash(`${user}:${nonce}:${cnonce}`) : user
  const request = hash(`${method}:${path}`)
  const proof = hash(
    hasQop ? `${secret}:${nonce}:${count}:${cnonce}:auth:${request}` : `${secret}:${nonce}:${request}`,
  )
  const fields = [
    `username=${quote(auth.username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(path)}`,
    `response="${proof}"`,
    `algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(hasQop ? ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`] : []),
  ]
  return `Digest ${fields.join(', ')}`
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
