/** A room in which everybody hears what anybody says. Who does not listen for long is shown out, and makes nobody wait. */
import type { WebSocketConnection } from '@polvo/http'
import { type Coroutine, forEach, Queue, QueueFull, taskGroup } from 'polvo'

/** How many messages may wait for a slow listener. */
const PATIENCE = 100
const LONGEST = 1000

/** What is said in the room. */
export interface Saying {
  readonly kind: 'says' | 'comes' | 'goes'
  readonly name: string
  readonly text?: string
}

class Member {
  readonly name: string
  readonly socket: WebSocketConnection
  readonly #waiting = new Queue<Saying>(PATIENCE)

  constructor(name: string, socket: WebSocketConnection) {
    this.name = name
    this.socket = socket
  }

  hear(saying: Saying): void {
    try {
      this.#waiting.putNowait(saying)
    } catch (error) {
      if (!(error instanceof QueueFull)) throw error
      this.socket.abort()
    }
  }

  /** Pass on what is to be heard, as fast as the listener takes it. */
  *listen(): Coroutine<never> {
    for (;;) yield* this.socket.sendJson(yield* this.#waiting.get())
  }
}

export class Room {
  readonly #members = new Set<Member>()

  #tell(saying: Saying): void {
    for (const member of this.#members) member.hear(saying)
  }

  /** Let somebody take part, until they go. */
  *welcome(name: string, socket: WebSocketConnection): Coroutine {
    const member = new Member(name, socket)
    this.#members.add(member)
    this.#tell({ kind: 'comes', name })
    try {
      yield* this.#converse(member)
    } finally {
      this.#members.delete(member)
      this.#tell({ kind: 'goes', name })
    }
  }

  *#converse(member: Member): Coroutine {
    const room = this
    yield* taskGroup(function* (group) {
      const listening = group.createTask(() => member.listen())
      yield* forEach(member.socket, (message) => {
        const text = String(message).trim().slice(0, LONGEST)
        if (text !== '') room.#tell({ kind: 'says', name: member.name, text })
      })
      listening.cancel('the listener has gone')
    })
  }
}
