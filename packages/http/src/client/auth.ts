/** Basic authentication (RFC 7617). */
import { misuse } from 'polvo/lowlevel'

/** A name and its password. */
export interface BasicAuth {
  /** Without a colon. */
  readonly username: string
  /** In clear text: basic authentication hides nothing, so use it over https. */
  readonly password: string
}

/** The value of an Authorization header. @throws TypeError */
export function authorizationOf({ username, password }: BasicAuth): string {
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw misuse('auth takes { username, password }, two strings.')
  }
  if (username.includes(':')) throw misuse('The username of auth has a colon, which would end it.')
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
