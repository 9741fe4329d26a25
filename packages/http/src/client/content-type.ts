/** What a content-type says: the kind of a body, and how its text is encoded. */

export function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*[^\s;/]+\/(?:[^\s;]+\+)?json\s*(?:;|$)/i.test(contentType)
}

/** The charset parameter; null where there is none. */
export function charsetOf(contentType: string | undefined): string | null {
  const [, charset = null] = contentType?.match(/;\s*charset\s*=\s*"?([^\s";]+)/i) ?? []
  return charset
}

/**
 * Bytes as text, without the byte order mark. What is not valid becomes U+FFFD.
 * @throws RangeError for an encoding that nobody knows
 */
export function decodeText(bytes: Buffer, encoding: string): string {
  if (!/^utf-?8$/i.test(encoding)) return new TextDecoder(encoding).decode(bytes)
  const text = bytes.toString()
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
