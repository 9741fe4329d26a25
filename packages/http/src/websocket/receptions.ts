/** What the ways to receive make of a message. */
import { misuse } from 'polvo/lowlevel'
import { WebSocketMessageError } from './errors.ts'
import type { WebSocketMessage } from './message-queue.ts'

export function asIs(message: WebSocketMessage): WebSocketMessage {
  return message
}

export function asItem(message: WebSocketMessage): IteratorResult<WebSocketMessage, undefined> {
  return { done: false, value: message }
}

export function asText(message: WebSocketMessage): string {
  if (typeof message === 'string') return message
  const what = `receiveText() got ${message.length} bytes, and no text. Use receive() where both may come.`
  throw new WebSocketMessageError(what, message)
}

export function asBytes(message: WebSocketMessage): Uint8Array {
  if (typeof message !== 'string') return message
  const what = `receiveBytes() got text, ${beginning(message)}. Use receive() where both may come.`
  throw new WebSocketMessageError(what, message)
}

export function asJson<T>(message: WebSocketMessage): T {
  const text = typeof message === 'string' ? message : new TextDecoder().decode(message)
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    const what = `receiveJson() got ${beginning(text)}, which is no JSON.`
    throw new WebSocketMessageError(what, message, { cause })
  }
}

const SHOWN = 60

function beginning(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)
}

/** `value` as the text of its JSON. @throws TypeError */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw misuse(`sendJson() takes what JSON can say, and was given ${typeof value}.`)
  return text
}
