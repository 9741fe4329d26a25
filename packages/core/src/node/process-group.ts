/**
 * The processes a child has brought with it: its group. Signals go to all of them, and none outlives this process, however it ends
 * (but for a SIGKILL, which nobody hears of).
 */
import process from 'node:process'

const MAX_POLL_MS = 50

const alive = new Set<ProcessGroup>()

export class ProcessGroup {
  readonly #pid: number
  /** Whether the child leads a group of its own; else there is only itself to be signalled. */
  readonly #isGroup: boolean
  #hasLeader = true

  constructor(pid: number, isGroup: boolean) {
    this.#pid = pid
    this.#isGroup = isGroup
    if (alive.size === 0) process.on('exit', killAll)
    alive.add(this)
  }

  /** The child has exited: others of its group may be left. */
  leaderExited(): void {
    this.#hasLeader = false
    if (!this.isAlive()) this.#forget()
  }

  /**
   * Whether anybody is left. To be asked until the answer is no, without long breaks: a group that is gone may give its number to
   * another.
   */
  isAlive(): boolean {
    return this.#hasLeader || (this.#isGroup && this.#kill(0))
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#hasLeader || this.#isGroup) this.#kill(signal)
  }

  #kill(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(this.#isGroup ? -this.#pid : this.#pid, signal)
    } catch {
      return false
    }
  }

  /** How long to wait before asking the n-th time whether anybody is left, in milliseconds. */
  static pollMs(n: number): number {
    return Math.min(2 ** n, MAX_POLL_MS)
  }

  /** Leave nobody. */
  destroy(): void {
    this.signal('SIGKILL')
    if (!this.#hasLeader) this.#forget()
  }

  #forget(): void {
    alive.delete(this)
    if (alive.size === 0) process.off('exit', killAll)
  }
}

function killAll(): void {
  for (const group of alive) group.destroy()
}
