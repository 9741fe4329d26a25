import {
  type Coroutine,
  call,
  createTask,
  currentTask,
  Lock,
  type Provide,
  type Resource,
  resource,
  type SwallowingResource,
  sleep,
  timeout,
  type Usable,
  use,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** A door that says what is done with it; opening and closing it takes a while. */
const door = (name: string, print: Print): Resource<string> => ({
  *enter() {
    yield* sleep(1)
    print('open', name)
    return name
  },
  *exit(error) {
    yield* sleep(1)
    print('close', name, ...(error === undefined ? [] : [error]))
  },
})

/** The same in the async spelling. */
const asyncDoor = (name: string, print: Print): Resource<string> => ({
  async enter() {
    await sleep(1)
    print('open', name)
    return name
  },
  async exit(error) {
    await sleep(1)
    print('close', name, ...(error === undefined ? [] : [error]))
  },
})

/** The same as a resource function. */
const doorway = (name: string, print: Print): Usable<string> =>
  resource(function* (provide) {
    yield* sleep(1)
    print('open', name)
    let ending: unknown[] = []
    try {
      yield* provide(name)
    } catch (error) {
      ending = [error]
      throw error
    } finally {
      yield* sleep(1)
      print('close', name, ...ending)
    }
  })

const asyncDoorway = (name: string, print: Print): Usable<string> =>
  resource(async (provide) => {
    await sleep(1)
    print('open', name)
    let ending: unknown[] = []
    try {
      await provide(name)
    } catch (error) {
      ending = [error]
      throw error
    } finally {
      await sleep(1)
      print('close', name, ...ending)
    }
  })

const KINDS = [
  ['a resource by protocol', door],
  ['a resource by protocol with async methods', asyncDoor],
  ['a resource function', doorway],
  ['an async resource function', asyncDoorway],
] as const

for (const [kind, makeDoor] of KINDS) {
  describe(kind, () => {
    bothSpellings(
      'is opened before the body and closed after it, and the result is that of the body',
      ['open a', 'in a at 1', 'close a', 'result at 12'],
      {
        *generator(print) {
          const result = yield* use(makeDoor('a', print), function* (name) {
            print('in', name, 'at', now())
            yield* sleep(10)
            return 'result'
          })
          print(result, 'at', now())
        },
        async async(print) {
          const result = await use(makeDoor('a', print), async (name) => {
            print('in', name, 'at', now())
            await sleep(10)
            return 'result'
          })
          print(result, 'at', now())
        },
      },
    )

    bothSpellings(
      'may have a body that never suspends, or returns an operation',
      ['open a', 'close a', 'plain', 'open b', 'close b', 'b'],
      {
        *generator(print) {
          print(yield* use(makeDoor('a', print), () => 'plain'))
          print(yield* use(makeDoor('b', print), (name) => sleep(5, name)))
        },
        async async(print) {
          print(await use(makeDoor('a', print), () => 'plain'))
          print(await use(makeDoor('b', print), (name) => sleep(5, name)))
        },
      },
    )

    bothSpellings(
      'is closed in reverse, where several are nested',
      ['open a', 'open b', 'body', 'close b', 'close a'],
      {
        *generator(print) {
          yield* use(makeDoor('a', print), () =>
            use(makeDoor('b', print), function* () {
              yield
              print('body')
            }),
          )
        },
        async async(print) {
          await use(makeDoor('a', print), () =>
            use(makeDoor('b', print), async () => {
              await sleep(0)
              print('body')
            }),
          )
        },
      },
    )

    bothSpellings(
      'is told the error of the body, which then goes on',
      ['open a', 'close a TypeError', 'TypeError'],
      {
        *generator(print) {
          try {
            yield* use(makeDoor('a', print), function* () {
              yield
              throw new TypeError('boom')
            })
          } catch (error) {
            print(error)
          }
        },
        async async(print) {
          try {
            await use(makeDoor('a', print), async () => {
              await sleep(0)
              throw new TypeError('boom')
            })
          } catch (error) {
            print(error)
          }
        },
      },
    )

    bothSpellings(
      'is closed when the body is cancelled, which it is told, and closing may suspend',
      ['open a', 'close a CancelledError', 'TimeoutError 0 at 6'],
      {
        *generator(print) {
          try {
            yield* timeout(5, () => use(makeDoor('a', print), () => sleep(1000)))
          } catch (error) {
            print(error, requests(), 'at', now())
          }
        },
        async async(print) {
          try {
            await timeout(5, () => use(makeDoor('a', print), () => sleep(1000)))
          } catch (error) {
            print(error, requests(), 'at', now())
          }
        },
      },
    )

    bothSpellings(
      'is not closed where it was cancelled while opening',
      ['CancelledError 1', 'cancelled true'],
      {
        *generator(print) {
          const task = createTask(function* () {
            try {
              yield* use(makeDoor('a', print), () => print('never'))
            } catch (error) {
              print(error, requests())
              throw error
            }
          })
          yield
          task.cancel()
          yield* sleep(5)
          print('cancelled', task.cancelled())
        },
        async async(print) {
          const task = createTask(async () => {
            try {
              await use(makeDoor('a', print), () => print('never'))
            } catch (error) {
              print(error, requests())
              throw error
            }
          })
          await sleep(0)
          task.cancel()
          await sleep(5)
          print('cancelled', task.cancelled())
        },
      },
    )

    bothSpellings(
      'can be cancelled while closing: then it is that far',
      ['open a', 'body', 'CancelledError 1', 'cancelled true'],
      {
        *generator(print) {
          const task = createTask(function* () {
            try {
              yield* use(makeDoor('a', print), () => print('body'))
            } catch (error) {
              print(error, requests())
              throw error
            }
          })
          yield* sleep(1.5)
          task.cancel()
          yield* sleep(5)
          print('cancelled', task.cancelled())
        },
        async async(print) {
          const task = createTask(async () => {
            try {
              await use(makeDoor('a', print), () => print('body'))
            } catch (error) {
              print(error, requests())
              throw error
            }
          })
          await sleep(1.5)
          task.cancel()
          await sleep(5)
          print('cancelled', task.cancelled())
        },
      },
    )

    bothSpellings('can be used again', ['open a', 'close a', 'open a', 'close a'], {
      *generator(print) {
        const again = makeDoor('a', print)
        yield* use(again, () => {})
        yield* use(again, () => {})
      },
      async async(print) {
        const again = makeDoor('a', print)
        await use(again, () => {})
        await use(again, () => {})
      },
    })
  })
}

describe('a resource by protocol', () => {
  bothSpellings('may have plain methods, and is no checkpoint then', ['open', 'body of it', 'close', '0'], {
    *generator(print) {
      const passes = passCounter()
      const plain: Resource<string> = {
        enter: () => {
          print('open')
          return 'it'
        },
        exit: () => print('close'),
      }
      yield* use(plain, (value) => print('body of', value))
      print(passes())
    },
    async async(print) {
      const passes = passCounter()
      const plain: Resource<string> = {
        enter: () => {
          print('open')
          return 'it'
        },
        exit: () => print('close'),
      }
      await use(plain, (value) => print('body of', value))
      print(passes())
    },
  })

  bothSpellings('may have methods that return operations', ['locked true', 'locked false'], {
    *generator(print) {
      const lock = new Lock()
      const locked = { enter: () => lock.acquire(), exit: () => lock.release() }
      yield* use(locked, () => print('locked', lock.locked()))
      print('locked', lock.locked())
    },
    async async(print) {
      const lock = new Lock()
      const locked = { enter: () => lock.acquire(), exit: () => lock.release() }
      await use(locked, () => print('locked', lock.locked()))
      print('locked', lock.locked())
    },
  })

  bothSpellings('may keep its state in itself', ['1', '0'], {
    *generator(print) {
      const counting = new Counting()
      yield* use(counting, () => print(counting.users))
      print(counting.users)
    },
    async async(print) {
      const counting = new Counting()
      await use(counting, () => print(counting.users))
      print(counting.users)
    },
  })

  bothSpellings(
    'that fails to open is not closed, and the body does not run',
    ['stuck', 'open a', 'close a Error', 'Error'],
    {
      *generator(print) {
        const stuck: Resource<string> = {
          *enter() {
            yield
            throw new Error('stuck')
          },
          exit: () => print('never'),
        }
        try {
          yield* use(stuck, () => print('never'))
        } catch (error) {
          print((error as Error).message)
        }
        try {
          yield* use(door('a', print), () => use(stuck, () => print('never')))
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const stuck: Resource<string> = {
          async enter() {
            await sleep(0)
            throw new Error('stuck')
          },
          exit: () => print('never'),
        }
        try {
          await use(stuck, () => print('never'))
        } catch (error) {
          print((error as Error).message)
        }
        try {
          await use(door('a', print), () => use(stuck, () => print('never')))
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings(
    'that fails to close: its error replaces the result or the error on its way, and outer ones are closed',
    ['jammed', 'jammed', 'open a', 'close a jammed', 'jammed'],
    {
      *generator(print) {
        const jammed: Resource<string> = {
          enter: () => 'it',
          *exit() {
            yield
            throw 'jammed'
          },
        }
        const attempts = [
          () => use(jammed, () => 'result'),
          () =>
            use(jammed, () => {
              throw 'boom'
            }),
          () => use(door('a', print), () => use(jammed, () => 'result')),
        ]
        for (const attempt of attempts) {
          try {
            yield* attempt()
          } catch (error) {
            print(error)
          }
        }
      },
      async async(print) {
        const jammed: Resource<string> = {
          enter: () => 'it',
          async exit() {
            await sleep(0)
            throw 'jammed'
          },
        }
        const attempts = [
          () => use(jammed, () => 'result'),
          () =>
            use(jammed, () => {
              throw 'boom'
            }),
          () => use(door('a', print), () => use(jammed, () => 'result')),
        ]
        for (const attempt of attempts) {
          try {
            await attempt()
          } catch (error) {
            print(error)
          }
        }
      },
    },
  )

  class Counting implements Resource<Counting> {
    users = 0

    enter(): this {
      this.users++
      return this
    }

    exit(): void {
      this.users--
    }
  }
})

describe('a resource whose exit returns true', () => {
  const forgiving = (print: Print, answer: boolean): SwallowingResource<string> => ({
    enter: () => 'it',
    *exit(error) {
      yield
      print('told', error)
      return answer
    },
  })
  const forgivingAsync = (print: Print, answer: boolean): SwallowingResource<string> => ({
    enter: () => 'it',
    async exit(error) {
      await sleep(0)
      print('told', error)
      return answer
    },
  })

  bothSpellings(
    'stops the error of the body: use() returns undefined; false lets it pass, a result is not touched',
    ['told boom', 'undefined', 'told boom', 'boom', 'told undefined', 'result'],
    {
      *generator(print) {
        const fail = () => {
          throw 'boom'
        }
        print(yield* use(forgiving(print, true), fail))
        try {
          yield* use(forgiving(print, false), fail)
        } catch (error) {
          print(error)
        }
        print(yield* use(forgiving(print, true), () => 'result'))
      },
      async async(print) {
        const fail = () => {
          throw 'boom'
        }
        print(await use(forgivingAsync(print, true), fail))
        try {
          await use(forgivingAsync(print, false), fail)
        } catch (error) {
          print(error)
        }
        print(await use(forgivingAsync(print, true), () => 'result'))
      },
    },
  )
})

describe('something that can be disposed of', () => {
  class Plain implements Disposable {
    readonly #print: Print

    constructor(print: Print) {
      this.#print = print
    }

    [Symbol.dispose](): void {
      this.#print('disposed')
    }
  }

  class Async implements AsyncDisposable {
    readonly #print: Print

    constructor(print: Print) {
      this.#print = print
    }

    async [Symbol.asyncDispose](): Promise<void> {
      await sleep(5)
      this.#print('disposed at', now())
    }
  }

  bothSpellings(
    'is itself the value, and disposed of after the body, however that ends',
    ['true', 'disposed', 'result', 'disposed', 'boom'],
    {
      *generator(print) {
        const plain = new Plain(print)
        const result = yield* use(plain, function* (value) {
          yield
          print(value === plain)
          return 'result'
        })
        print(result)
        try {
          yield* use(plain, () => {
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const plain = new Plain(print)
        const result = await use(plain, async (value) => {
          await sleep(0)
          print(value === plain)
          return 'result'
        })
        print(result)
        try {
          await use(plain, () => {
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings('stops no error, whatever its disposer returns', ['boom', 'boom'], {
    *generator(print) {
      const items = new Set([1])
      const disposables = [
        { [Symbol.dispose]: () => items.delete(1) as unknown as undefined },
        { [Symbol.asyncDispose]: async () => true as unknown as undefined },
      ]
      for (const disposable of disposables) {
        try {
          yield* use(disposable as Disposable, () => {
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
      }
    },
    async async(print) {
      const items = new Set([1])
      const disposables = [
        { [Symbol.dispose]: () => items.delete(1) as unknown as undefined },
        { [Symbol.asyncDispose]: async () => true as unknown as undefined },
      ]
      for (const disposable of disposables) {
        try {
          await use(disposable as Disposable, () => {
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
      }
    },
  })

  bothSpellings(
    'asynchronously is waited for, also when the body is cancelled',
    ['disposed at 5', 'result', 'disposed at 15', 'TimeoutError at 15'],
    {
      *generator(print) {
        print(yield* use(new Async(print), () => 'result'))
        try {
          yield* timeout(5, () => use(new Async(print), () => sleep(1000)))
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        print(await use(new Async(print), () => 'result'))
        try {
          await timeout(5, () => use(new Async(print), () => sleep(1000)))
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
  )

  test('in both ways is disposed of asynchronously', async () => {
    const trace = await traceOf(function* (print) {
      const both = {
        [Symbol.dispose]: () => print('plain'),
        [Symbol.asyncDispose]: async () => print('async'),
      }
      yield* use(both, () => print('body'))
    })
    expect(trace).toEqual(['body', 'async'])
  })

  bothSpellings(
    'may be what an operation gives, which is awaited first',
    ['opened at 5', 'body at 5', 'disposed', 'opened at 10', 'disposed at 15'],
    {
      *generator(print) {
        const open = function* <T>(it: T) {
          yield* sleep(5)
          print('opened at', now())
          return it
        }
        yield* use(call(open, new Plain(print)), () => print('body at', now()))
        yield* use(call(open, new Async(print)), () => {})
      },
      async async(print) {
        const open = async <T>(it: T) => {
          await sleep(5)
          print('opened at', now())
          return it
        }
        await use(call(open, new Plain(print)), () => print('body at', now()))
        await use(call(open, new Async(print)), () => {})
      },
    },
  )

  bothSpellings(
    'an operation that fails, or is cancelled, opens nothing',
    ['no entry', 'TimeoutError at 5'],
    {
      *generator(print) {
        const fail = function* (): Coroutine<Plain> {
          yield
          throw 'no entry'
        }
        try {
          yield* use(call(fail), () => print('never'))
        } catch (error) {
          print(error)
        }
        const slow = function* () {
          yield* sleep(1000)
          return new Plain(print)
        }
        try {
          yield* timeout(5, () => use(call(slow), () => print('never')))
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        const fail = async (): Promise<Plain> => {
          await sleep(0)
          throw 'no entry'
        }
        try {
          await use(call(fail), () => print('never'))
        } catch (error) {
          print(error)
        }
        const slow = async () => {
          await sleep(1000)
          return new Plain(print)
        }
        try {
          await timeout(5, () => use(call(slow), () => print('never')))
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
  )
})

describe('resource()', () => {
  bothSpellings(
    'may handle the error of the body: then use() returns undefined',
    ['handled boom', 'undefined'],
    {
      *generator(print) {
        const tolerant = resource<string>(function* (provide) {
          try {
            yield* provide('it')
          } catch (error) {
            print('handled', error)
          }
        })
        print(
          yield* use(tolerant, function* () {
            yield
            throw 'boom'
          }),
        )
      },
      async async(print) {
        const tolerant = resource<string>(async (provide) => {
          try {
            await provide('it')
          } catch (error) {
            print('handled', error)
          }
        })
        print(
          await use(tolerant, async () => {
            await sleep(0)
            throw 'boom'
          }),
        )
      },
    },
  )

  bothSpellings('may turn the error of the body into another', ['translated boom'], {
    *generator(print) {
      const translating = resource<string>(function* (provide) {
        try {
          yield* provide('it')
        } catch (error) {
          throw `translated ${error}`
        }
      })
      try {
        yield* use(translating, () => {
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const translating = resource<string>(async (provide) => {
        try {
          await provide('it')
        } catch (error) {
          throw `translated ${error}`
        }
      })
      try {
        await use(translating, () => {
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
    },
  })

  bothSpellings(
    'that fails before it provides, or behind, throws its error',
    ['no entry', 'body', 'jammed'],
    {
      *generator(print) {
        const locked = resource<string>(function* () {
          yield
          throw 'no entry'
        })
        const jammed = resource<string>(function* (provide) {
          yield* provide('it')
          yield
          throw 'jammed'
        })
        for (const bad of [locked, jammed]) {
          try {
            yield* use(bad, () => print('body'))
          } catch (error) {
            print(error)
          }
        }
      },
      async async(print) {
        const locked = resource<string>(async () => {
          await sleep(0)
          throw 'no entry'
        })
        const jammed = resource<string>(async (provide) => {
          await provide('it')
          await sleep(0)
          throw 'jammed'
        })
        for (const bad of [locked, jammed]) {
          try {
            await use(bad, () => print('body'))
          } catch (error) {
            print(error)
          }
        }
      },
    },
  )

  bothSpellings(
    'provides once: a second time is an error, and the body runs once',
    ['body of 1', 'InvalidStateError', 'InvalidStateError'],
    {
      *generator(print) {
        const twice = resource<number>(function* (provide) {
          yield* provide(1)
          try {
            yield* provide(2)
          } catch (error) {
            print(error)
            throw error
          }
        })
        try {
          yield* use(twice, (value) => print('body of', value))
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const twice = resource<number>(async (provide) => {
          await provide(1)
          try {
            await provide(2)
          } catch (error) {
            print(error)
            throw error
          }
        })
        try {
          await use(twice, (value) => print('body of', value))
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings('that never provides is an error, and the body does not run', ['InvalidStateError true'], {
    *generator(print) {
      const never = resource<string>(function* () {
        yield
      })
      try {
        yield* use(never, () => print('body'))
      } catch (error) {
        print(error, /without calling provide\(\)/.test((error as Error).message))
      }
    },
    async async(print) {
      const never = resource<string>(async () => {
        await sleep(0)
      })
      try {
        await use(never, () => print('body'))
      } catch (error) {
        print(error, /without calling provide\(\)/.test((error as Error).message))
      }
    },
  })

  test('that forgets to await provide() is an error, and provide() is reported by name', async () => {
    const trace = await traceOf(function* (print) {
      const forgetful = resource<string>((provide: Provide<string>) => {
        provide('it')
      })
      try {
        yield* use(forgetful, () => print('body'))
      } catch (error) {
        print(error)
      }
    })
    expect(trace).toEqual([
      'InvalidStateError',
      expect.stringMatching(/^report: provide\(.*\) was created and never awaited/),
    ])
    expect(trace[1], 'nothing internal').not.toMatch(/\{…\}|print/)
  })

  bothSpellings('runs in the task that uses it, anew for each use', ['true 1', 'true 2'], {
    *generator(print) {
      let uses = 0
      const counted = resource<boolean>(function* (provide) {
        uses++
        const task = currentTask()
        yield* sleep(1)
        yield* provide(task === currentTask())
      })
      const own = function* () {
        yield* use(counted, (same) => print(same, uses))
      }
      yield* own()
      yield* createTask(own)
    },
    async async(print) {
      let uses = 0
      const counted = resource<boolean>(async (provide) => {
        uses++
        const task = currentTask()
        await sleep(1)
        await provide(task === currentTask())
      })
      const own = async () => {
        await use(counted, (same) => print(same, uses))
      }
      await own()
      await createTask(own)
    },
  })
})

describe('a body that will not stop', () => {
  for (const [kind, makeDoor] of KINDS) {
    bothSpellings(
      `is ended, and ${kind} is closed in its place`,
      ['open a', 'swallowed', 'swallowed', 'close a CancelledError', 'TimeoutError'],
      {
        *generator(print) {
          const stubborn = function* (): Coroutine {
            for (;;) {
              try {
                for (;;) yield* sleep(10)
              } catch {
                print('swallowed')
              }
            }
          }
          try {
            yield* timeout(5, () => use(makeDoor('a', print), stubborn))
          } catch (error) {
            print(error)
          }
          yield* sleep(50)
        },
        async async(print) {
          const stubborn = async () => {
            for (;;) {
              try {
                for (;;) await sleep(10)
              } catch {
                print('swallowed')
              }
            }
          }
          try {
            await timeout(5, () => use(makeDoor('a', print), stubborn))
          } catch (error) {
            print(error)
          }
          await sleep(50)
        },
      },
      { cancelGrace: 100, hideReports: true },
    )
  }
})

describe('misuse', () => {
  test('use() refuses a body that is no function', () => {
    expect(() => use({ enter: () => 1, exit: () => {} }, undefined as never)).toThrow(
      expect.objectContaining({ code: 'POLVO_MISUSE', message: expect.stringContaining('use()') }),
    )
  })

  bothSpellings(
    'use() refuses what is no resource, and runs nothing',
    Array(6).fill('TypeError POLVO_MISUSE'),
    {
      *generator(print) {
        for (const wrong of [undefined, null, 5, {}, { enter: () => 1 }, sleep(0, 'no resource')]) {
          try {
            yield* use(wrong as never, () => print('never'))
          } catch (error) {
            print(error, (error as { code?: string }).code)
          }
        }
      },
      async async(print) {
        for (const wrong of [undefined, null, 5, {}, { enter: () => 1 }, sleep(0, 'no resource')]) {
          try {
            await use(wrong as never, () => print('never'))
          } catch (error) {
            print(error, (error as { code?: string }).code)
          }
        }
      },
    },
  )

  test('resource() refuses what is no function', () => {
    expect(() => resource({} as never)).toThrow(
      expect.objectContaining({ code: 'POLVO_MISUSE', message: expect.stringContaining('resource()') }),
    )
  })

  bothSpellings('use() serves one await', ['open a', 'close a', 'InvalidStateError'], {
    *generator(print) {
      const once = use(door('a', print), () => {})
      yield* once
      try {
        yield* once
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const once = use(door('a', print), () => {})
      await once
      try {
        await once
      } catch (error) {
        print(error)
      }
    },
  })

  test('use() that is never awaited opens nothing, and is reported by name', async () => {
    const trace = await traceOf(function* (print) {
      use(door('a', print), function body() {})
      yield
    })
    expect(trace).toEqual([expect.stringMatching(/^report: use\(.*body\(\)\) was created and never awaited/)])
  })
})
