/** What a client of the character finder may send. */

/** A line in words; null where it is no UTF-8. */
export function textOf(line: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line).trim()
  } catch {
    return null
  }
}

/** Whether it is what Ctrl-C or Ctrl-D send in telnet: the client wants to go. */
export function isFarewell(line: Uint8Array): boolean {
  const [first = 0] = line
  return first < 0x20 && first !== 0x0a && first !== 0x0d
}
