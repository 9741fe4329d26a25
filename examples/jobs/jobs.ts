/** Jobs that go on behind the requests which ask for them: counting words, slowly. */
import type { Application } from '@polvo/http'
import { isCancelled, sleep, type Task } from 'polvo'

type State = 'running' | 'done' | 'cancelled'

/** What a client is told of a job. */
export interface Report {
  readonly id: number
  readonly state: State
  /** How many words have been counted so far. */
  readonly words: number
}

export class Job {
  readonly id: number
  state: State = 'running'
  words = 0
  readonly #task: Task

  constructor(app: Application, id: number, text: string, pause: number) {
    this.id = id
    // The application's: it goes on when the request is answered, and ends with the application at the latest.
    this.#task = app.createTask({ name: `job ${id}` }, () => this.#count(text, pause)) as Task
  }

  *#count(text: string, pause: number) {
    try {
      for (const _ of text.split(/\s+/).filter((word) => word !== '')) {
        yield* sleep(pause)
        this.words++
      }
      this.state = 'done'
    } catch (error) {
      if (isCancelled(error)) this.state = 'cancelled'
      throw error
    }
  }

  cancel(): void {
    this.#task.cancel('it was deleted')
  }

  get report(): Report {
    const { id, state, words } = this
    return { id, state, words }
  }
}
