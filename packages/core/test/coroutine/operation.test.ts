/** `Operation` of polvo/lowlevel, by one that an integration might write: letters from a post box, one at a time. */
import {
  call,
  createTask,
  gather,
  getRunningLoop,
  isCancelled,
  moveOnAfter,
  sleep,
  timeout,
  wait,
  waitFor,
} from 'polvo'
import { Operation } from 'polvo/lowlevel'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { keepsTheOperationContract, neverAwaited } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** Hands each letter to the first that waits, or keeps it; says what happens to those that wait. */
class PostBox {
  readonly #print: Print
  readonly letters: string[]
  readonly waiting: Collect[] = []

  constructor(print: Print = () => {}, ...letters: string[]) {
    this.#print = print
    this.letters = letters
  }

  say(what: string): void {
    this.#print(`[${what}]`)
  }

  post(letter: string): void {
    const first = this.waiting.shift()
    if (first === undefined) this.letters.push(letter)
    else first.deliver(letter)
  }

  /** Wake the first that waits without anything for it. */
  falseAlarm(): void {
    this.waiting.shift()?.deliver(null)
  }

  collect(): Collect {
    return new Collect(this)
  }
}

class Collect extends Operation<string> {
  readonly #box: PostBox
  #delivered: string | null = null

  constructor(box: PostBox) {
    super()
    this.#box = box
  }

  override _describe(): string {
    return 'box.collect()'
  }

  deliver(letter: string | null): void {
    this.#delivered = letter
    this._wakeUp()
  }

  protected override _begin(): boolean {
    this.#box.say('begin')
    const letter = this.#box.letters.shift()
    if (letter === 'bomb') throw new RangeError('that was a bomb')
    if (letter === undefined) this.#box.waiting.push(this)
    else this._value = letter
    return letter !== undefined
  }

  protected override _resume(): boolean {
    this.#box.say('resume')
    if (this.#delivered === 'bomb') throw new RangeError('that was a bomb')
    if (this.#delivered === null) {
      this.#box.waiting.push(this)
      return false
    }
    this._value = this.#delivered
    return true
  }

  /** A letter may have come between the cancellation and this. */
  protected override _withdraw(): void {
    this.#box.say('withdraw')
    const place = this.#box.waiting.indexOf(this)
    if (place !== -1) this.#box.waiting.splice(place, 1)
    if (this.#delivered !== null) this.#box.post(this.#delivered)
  }

  protected override _handBack(): void {
    this.#box.say('hand back')
    if (this.#delivered !== null) this.#box.post(this.#delivered)
  }
}

describe('the stages', () => {
  bothSpellings('made: nothing has happened until it is awaited', ['made', '[begin]', 'letter'], {
    *generator(print) {
      const collect = new PostBox(print, 'letter').collect()
      yield* sleep(5)
      print('made')
      print(yield* collect)
    },
    async async(print) {
      const collect = new PostBox(print, 'letter').collect()
      await sleep(5)
      print('made')
      print(await collect)
    },
  })

  bothSpellings('claimed → finished: what is there at once costs no pass', ['[begin]', 'letter 0'], {
    *generator(print) {
      const passes = passCounter()
      print(yield* new PostBox(print, 'letter').collect(), passes())
    },
    async async(print) {
      const passes = passCounter()
      print(await new PostBox(print, 'letter').collect(), passes())
    },
  })

  bothSpellings(
    'claimed → parked → woken → finished: it goes on in the pass behind the wake-up',
    ['[begin]', '[resume]', 'letter 2'],
    {
      *generator(print) {
        const box = new PostBox(print)
        const passes = passCounter()
        // One pass until then, and one behind it.
        getRunningLoop().callSoon(() => box.post('letter'))
        print(yield* box.collect(), passes())
      },
      async async(print) {
        const box = new PostBox(print)
        const passes = passCounter()
        getRunningLoop().callSoon(() => box.post('letter'))
        print(await box.collect(), passes())
      },
    },
  )

  bothSpellings(
    'woken → parked: one that was woken for nothing parks again',
    ['[begin]', '[resume]', '[resume]', 'letter at 2'],
    {
      *generator(print) {
        const box = new PostBox(print)
        getRunningLoop().callAt(1, () => box.falseAlarm())
        getRunningLoop().callAt(2, () => box.post('letter'))
        print(yield* box.collect(), 'at', now())
      },
      async async(print) {
        const box = new PostBox(print)
        getRunningLoop().callAt(1, () => box.falseAlarm())
        getRunningLoop().callAt(2, () => box.post('letter'))
        print(await box.collect(), 'at', now())
      },
    },
  )

  bothSpellings(
    'parked → withdrawn: cancelled before anything came, it did not happen',
    ['[begin]', '[withdraw]', 'TimeoutError at 5', 'waiting 0', 'letter'],
    {
      *generator(print) {
        const box = new PostBox(print)
        try {
          yield* waitFor(box.collect(), 5)
        } catch (error) {
          print(error, 'at', now())
        }
        print('waiting', box.waiting.length)
        box.post('letter')
        print(box.letters.join())
      },
      async async(print) {
        const box = new PostBox(print)
        try {
          await waitFor(box.collect(), 5)
        } catch (error) {
          print(error, 'at', now())
        }
        print('waiting', box.waiting.length)
        box.post('letter')
        print(box.letters.join())
      },
    },
  )

  bothSpellings(
    'woken → handed back: cancelled with a letter in hand, it passes it on',
    ['[begin]', '[begin]', '[hand back]', '[resume]', 'first cancelled', 'second has letter'],
    {
      *generator(print) {
        const box = new PostBox(print)
        const first = createTask(box.collect())
        const second = createTask(box.collect())
        yield
        box.post('letter')
        first.cancel()
        yield* wait([first])
        print('first', first.cancelled() ? 'cancelled' : 'has it')
        print('second has', yield* second)
      },
      async async(print) {
        const box = new PostBox(print)
        const first = createTask(async () => await box.collect())
        const second = createTask(async () => await box.collect())
        await sleep(0)
        box.post('letter')
        first.cancel()
        await wait([first])
        print('first', first.cancelled() ? 'cancelled' : 'has it')
        print('second has', await second)
      },
    },
  )

  bothSpellings(
    'parked again → withdrawn: also behind a false alarm',
    ['[begin]', '[resume]', '[withdraw]', 'undefined', 'waiting 0'],
    {
      *generator(print) {
        const box = new PostBox(print)
        getRunningLoop().callAt(1, () => box.falseAlarm())
        print(yield* moveOnAfter(5, () => box.collect()))
        print('waiting', box.waiting.length)
      },
      async async(print) {
        const box = new PostBox(print)
        getRunningLoop().callAt(1, () => box.falseAlarm())
        print(await moveOnAfter(5, () => box.collect()))
        print('waiting', box.waiting.length)
      },
    },
  )

  bothSpellings(
    'an error in beginning or resuming comes out of the await',
    ['RangeError', 'RangeError', '0'],
    {
      *generator(print) {
        const box = new PostBox(() => {}, 'bomb')
        getRunningLoop().callAt(1, () => box.post('bomb'))
        for (let i = 0; i < 2; i++) {
          try {
            yield* box.collect()
          } catch (error) {
            print(error)
          }
        }
        print(requests())
      },
      async async(print) {
        const box = new PostBox(() => {}, 'bomb')
        getRunningLoop().callAt(1, () => box.post('bomb'))
        for (let i = 0; i < 2; i++) {
          try {
            await box.collect()
          } catch (error) {
            print(error)
          }
        }
        print(requests())
      },
    },
  )
})

describe('a wake-up and a cancellation at once', () => {
  bothSpellings(
    'a wake-up from outside that comes behind the cancellation does not undo it',
    ['[begin]', '[withdraw]', 'CancelledError', 'letter'],
    {
      *generator(print) {
        const box = new PostBox(print)
        const collect = box.collect()
        const task = createTask(function* () {
          try {
            print(yield* collect)
          } catch (error) {
            print(error)
          }
        })
        yield
        task.cancel()
        box.post('letter')
        yield* wait([task])
        print(box.letters.join())
      },
      async async(print) {
        const box = new PostBox(print)
        const collect = box.collect()
        const task = createTask(async () => {
          try {
            print(await collect)
          } catch (error) {
            print(error)
          }
        })
        await sleep(0)
        task.cancel()
        box.post('letter')
        await wait([task])
        print(box.letters.join())
      },
    },
  )

  bothSpellings(
    'a time limit that passes as the letter comes gives it back',
    ['[begin]', '[hand back]', 'TimeoutError', 'letter'],
    {
      *generator(print) {
        const box = new PostBox(print)
        getRunningLoop().callAt(5, () => box.post('letter'))
        try {
          yield* timeout(5, () => box.collect())
        } catch (error) {
          print(error)
        }
        print(box.letters.join())
      },
      async async(print) {
        const box = new PostBox(print)
        getRunningLoop().callAt(5, () => box.post('letter'))
        try {
          await timeout(5, () => box.collect())
        } catch (error) {
          print(error)
        }
        print(box.letters.join())
      },
    },
  )

  bothSpellings(
    'a task that was cancelled before it awaits it begins and withdraws',
    ['[begin]', '[withdraw]', 'CancelledError'],
    {
      *generator(print) {
        const box = new PostBox(print)
        const task = createTask(function* () {
          task.cancel()
          try {
            yield* box.collect()
          } catch (error) {
            print(error)
          }
        })
        yield* wait([task])
      },
      async async(print) {
        const box = new PostBox(print)
        const task = createTask(async () => {
          task.cancel()
          try {
            await box.collect()
          } catch (error) {
            print(error)
          }
        })
        await wait([task])
      },
    },
  )
})

describe('a body that would not stop and is ended', () => {
  bothSpellings(
    'leaves the line with what it waits for',
    ['TimeoutError', 'waiting 0'],
    {
      *generator(print) {
        const box = new PostBox()
        createTask(passTime)
        try {
          yield* timeout(10, function* () {
            for (;;) {
              try {
                yield* box.collect()
              } catch (error) {
                if (!isCancelled(error)) throw error
              }
            }
          })
        } catch (error) {
          print(error)
        }
        print('waiting', box.waiting.length)
      },
      async async(print) {
        const box = new PostBox()
        createTask(passTime)
        try {
          await timeout(10, async () => {
            for (;;) {
              try {
                await box.collect()
              } catch (error) {
                if (!isCancelled(error)) throw error
              }
            }
          })
        } catch (error) {
          print(error)
        }
        print('waiting', box.waiting.length)
      },
    },
    { cancelGrace: 10, hideReports: true },
  )

  bothSpellings(
    'hands back what was given to it just then',
    ['TimeoutError', 'letter'],
    {
      *generator(print) {
        const box = new PostBox()
        createTask(passTime)
        // In the pass in which the second grace period is over, and before it is seen to be.
        getRunningLoop().callAt(30, () => box.post('letter'))
        try {
          yield* timeout(10, function* () {
            for (;;) {
              try {
                yield* box.collect()
              } catch {}
            }
          })
        } catch (error) {
          print(error)
        }
        print(box.letters.join())
      },
      async async(print) {
        const box = new PostBox()
        createTask(passTime)
        getRunningLoop().callAt(30, () => box.post('letter'))
        try {
          await timeout(10, async () => {
            for (;;) {
              try {
                await box.collect()
              } catch {}
            }
          })
        } catch (error) {
          print(error)
        }
        print(box.letters.join())
      },
    },
    { cancelGrace: 10, hideReports: true },
  )

  function* passTime() {
    for (let i = 0; i < 50; i++) yield* sleep(1)
  }
})

describe('by hand', () => {
  test('its iterator gives itself while it waits, and its result when it is woken', () => {
    const box = new PostBox()
    const collect = box.collect()
    const iterator = collect[Symbol.iterator]()
    const waiting = iterator.next()
    expect(waiting.done).toBe(false)
    expect(waiting.value).toBe(collect)
    box.post('letter')
    expect(iterator.next()).toEqual({ done: true, value: 'letter' })
  })

  test('throw() and return() leave the line', () => {
    const box = new PostBox()
    const [thrown, returned] = [box.collect()[Symbol.iterator](), box.collect()[Symbol.iterator]()]
    thrown.next()
    returned.next()
    expect(box.waiting.length).toBe(2)
    expect(() => thrown.throw?.('boom')).toThrow('boom')
    expect(returned.return?.('done' as never)).toEqual({ done: true, value: 'done' })
    expect(box.waiting.length).toBe(0)
  })

  test('it leaves the line once, whatever is thrown into it later', () => {
    const said: unknown[] = []
    const box = new PostBox((what) => said.push(what))
    const iterator = box.collect()[Symbol.iterator]()
    iterator.next()
    for (const error of ['first', 'second']) expect(() => iterator.throw?.(error)).toThrow(error)
    expect(said).toEqual(['[begin]', '[withdraw]'])
  })

  test('yielded without being awaited it is refused, which says to write yield*', async () => {
    const trace = await traceOf(function* (print) {
      const collect = new PostBox().collect()
      try {
        yield collect
      } catch (error) {
        print(error, /write `yield\*`/.test((error as Error).message))
      }
      collect.close()
    })
    expect(trace).toEqual(['TypeError true'])
  })
})

describe('what every operation has for nothing', () => {
  keepsTheOperationContract('box.collect()', () => new PostBox(() => {}, 'letter').collect())

  bothSpellings('it is taken wherever code is', ['a', 'b', 'c d', 'e'], {
    *generator(print) {
      const box = new PostBox(() => {}, 'a', 'b', 'c', 'd', 'e')
      print(yield* createTask(box.collect()))
      print(yield* waitFor(box.collect(), 5))
      print((yield* gather(box.collect(), box.collect())).join(' '))
      print(yield* call(() => box.collect()))
    },
    async async(print) {
      const box = new PostBox(() => {}, 'a', 'b', 'c', 'd', 'e')
      print(await createTask(box.collect()))
      print(await waitFor(box.collect(), 5))
      print((await gather(box.collect(), box.collect())).join(' '))
      print(await call(() => box.collect()))
    },
  })

  bothSpellings(
    'close() gives it up: nothing is reported, and it cannot be awaited',
    ['InvalidStateError', '1 letter'],
    {
      *generator(print) {
        const box = new PostBox(print, 'letter')
        const collect = box.collect()
        collect.close()
        try {
          yield* collect
        } catch (error) {
          print(error)
        }
        print(box.letters.length, ...box.letters)
      },
      async async(print) {
        const box = new PostBox(print, 'letter')
        const collect = box.collect()
        collect.close()
        try {
          await collect
        } catch (error) {
          print(error)
        }
        print(box.letters.length, ...box.letters)
      },
    },
  )

  test('it shows what it is, and tasks that wait for it say so', async () => {
    const trace = await traceOf(function* (print) {
      const box = new PostBox()
      print(box.collect())
      const task = createTask(box.collect())
      yield
      print(/wait_for=<box\.collect\(\)>/.test(String(task)))
    })
    expect(trace).toEqual(['<box.collect()>', 'true', neverAwaited('box.collect()')])
  })
})

describe('made anew by its maker', () => {
  bothSpellings(
    'it serves another await once it is over, and only then',
    [
      'false',
      '[begin]',
      'false',
      '[withdraw]',
      'true',
      'false',
      '[begin]',
      'letter',
      'true',
      '[begin]',
      '[resume]',
      'late',
    ],
    {
      *generator(print) {
        const box = new PostBox(print)
        const collect = box.collect()
        print(collect._remake())
        const task = createTask(function* () {
          yield* collect
        })
        yield
        print(collect._remake())
        task.cancel()
        yield* wait([task])
        print(collect._remake())
        print(collect._remake())
        box.post('letter')
        print(yield* collect)
        print(collect._remake())
        getRunningLoop().callSoon(() => box.post('late'))
        print(yield* collect)
      },
      async async(print) {
        const box = new PostBox(print)
        const collect = box.collect()
        print(collect._remake())
        const task = createTask(async () => await collect)
        await sleep(0)
        print(collect._remake())
        task.cancel()
        await wait([task])
        print(collect._remake())
        print(collect._remake())
        box.post('letter')
        print(await collect)
        print(collect._remake())
        getRunningLoop().callSoon(() => box.post('late'))
        print(await collect)
      },
    },
  )

  bothSpellings(
    'it is reported where nobody awaits it then, once',
    ['[begin]', neverAwaited('box.collect()')],
    {
      *generator(print) {
        const collect = new PostBox(print, 'letter').collect()
        yield* collect
        collect._remake()
        yield
      },
      async async(print) {
        const collect = new PostBox(print, 'letter').collect()
        await collect
        collect._remake()
        await sleep(0)
      },
    },
  )

  test('it is reported too where others were made since', async () => {
    const trace = await traceOf(function* (print) {
      const collect = new PostBox(print, 'letter').collect()
      yield* collect
      yield* sleep(1)
      collect._remake()
      yield* sleep(1)
    })
    expect(trace).toEqual(['[begin]', neverAwaited('box.collect()')])
  })

  test('not where it was given up by hand, or was woken and has not run', async () => {
    const trace = await traceOf(function* (print) {
      const box = new PostBox()
      const [byHand, woken] = [box.collect(), box.collect()]
      const iterator = byHand[Symbol.iterator]()
      iterator.next()
      iterator.return?.('')
      print(byHand._remake())
      const task = createTask(function* () {
        return yield* woken
      })
      yield
      box.post('letter')
      print(woken._remake())
      print(yield* task)
    })
    expect(trace).toEqual(['false', 'false', 'letter'])
  })

  test('it has forgotten its result', async () => {
    const collect = new PostBox(undefined, 'letter').collect()
    await traceOf(function* () {
      yield* collect
    })
    expect(collect._value).toBe('letter')
    collect._remake()
    expect(collect._value).toBeUndefined()
    collect.close()
  })
})
