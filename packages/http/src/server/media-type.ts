/** What a content-type says: the kind of a body, and how its text is encoded. */

/** Without its parameters, in lower case; empty where there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** The charset parameter; null where there is none. */
export function charsetOf(contentType: string | undefined): string | null {
  const [, charset = null] = contentType?.match(/;\s*charset\s*=\s*"?([^\s";]+)/i) ?? []
  return charset
}

/** Bytes as text, without the byte order mark. @throws RangeError for an encoding that nobody knows */
export function decodeText(bytes: Uint8Array, charset: string): string {
  if (!/^utf-?8$/i.test(charset)) return new TextDecoder(charset).decode(bytes)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
