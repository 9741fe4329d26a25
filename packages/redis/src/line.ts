/** A waiting line: first come, first served, and leaving costs the same from any place. */

/** What can stand in a line, in one at a time. */
export interface InLine<T> {
  /** @internal */ _ahead: T | null
  /** @internal */ _behind: T | null
}

export class Line<T extends InLine<T>> {
  #first: T | null = null
  #last: T | null = null
  #length = 0

  get first(): T | null {
    return this.#first
  }

  get length(): number {
    return this.#length
  }

  join(one: T): void {
    one._ahead = this.#last
    if (this.#last === null) this.#first = one
    else this.#last._behind = one
    this.#last = one
    this.#length++
  }

  /** Nothing happens when it does not stand here. */
  leave(one: T): void {
    const { _ahead: ahead, _behind: behind } = one
    if (ahead === null && this.#first !== one) return
    if (ahead === null) this.#first = behind
    else ahead._behind = behind
    if (behind === null) this.#last = ahead
    else behind._ahead = ahead
    one._ahead = one._behind = null
    this.#length--
  }
}
