import {
  type CancelledError,
  type CancelScope,
  type Coroutine,
  call,
  cancelScope,
  createTask,
  currentTask,
  getRunningLoop,
  moveOnAfter,
  sleep,
  taskGroup,
  timeout,
  wait,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

describe('a body that ends by itself', () => {
  bothSpellings(
    'gives its result; the scope was not cancelled',
    ['<CancelScope open>', 'result', 'false', '<CancelScope closed>'],
    {
      *generator(print) {
        let own: CancelScope | undefined
        const result = yield* cancelScope(function* (scope) {
          own = scope
          print(scope)
          yield* sleep(5)
          return 'result'
        })
        print(result)
        print(own?.cancelled)
        print(own)
      },
      async async(print) {
        let own: CancelScope | undefined
        const result = await cancelScope(async (scope) => {
          own = scope
          print(scope)
          await sleep(5)
          return 'result'
        })
        print(result)
        print(own?.cancelled)
        print(own)
      },
    },
  )

  bothSpellings('gives its error', ['boom 0'], {
    *generator(print) {
      try {
        yield* cancelScope(function* () {
          yield
          throw 'boom'
        })
      } catch (error) {
        print(error, requests())
      }
    },
    async async(print) {
      try {
        await cancelScope(async () => {
          await sleep(0)
          throw 'boom'
        })
      } catch (error) {
        print(error, requests())
      }
    },
  })

  bothSpellings('is a checkpoint only where it suspends', ['at once 0', 'passed 1'], {
    *generator(print) {
      const passes = passCounter()
      print(yield* cancelScope(() => 'at once'), passes())
      print(yield* cancelScope(() => sleep(0, 'passed')), passes())
    },
    async async(print) {
      const passes = passCounter()
      print(await cancelScope(() => 'at once'), passes())
      print(await cancelScope(() => sleep(0, 'passed')), passes())
    },
  })
})

describe('cancel()', () => {
  bothSpellings(
    'from elsewhere cancels the body; the result is undefined once it has cleaned up',
    ['cleaning at 10', 'undefined at 15', 'true', '0'],
    {
      *generator(print) {
        let own: CancelScope | undefined
        getRunningLoop().callAt(10, () => own?.cancel())
        const result = yield* cancelScope(function* (scope) {
          own = scope
          try {
            yield* sleep(100)
          } finally {
            print('cleaning at', now())
            yield* sleep(5)
          }
          return 'result'
        })
        print(result, 'at', now())
        print(own?.cancelled)
        print(requests())
      },
      async async(print) {
        let own: CancelScope | undefined
        getRunningLoop().callAt(10, () => own?.cancel())
        const result = await cancelScope(async (scope) => {
          own = scope
          try {
            await sleep(100)
          } finally {
            print('cleaning at', now())
            await sleep(5)
          }
          return 'result'
        })
        print(result, 'at', now())
        print(own?.cancelled)
        print(requests())
      },
    },
  )

  bothSpellings(
    'from inside the body is delivered at its next suspension; a body that does not suspend keeps its result',
    ['goes on', 'cancelled there', 'undefined', 'result true', 'not cancelled any more'],
    {
      *generator(print) {
        print(
          yield* cancelScope(function* (scope) {
            scope.cancel()
            print('goes on')
            try {
              yield* sleep(1)
            } catch (error) {
              print('cancelled there')
              throw error
            }
          }),
        )
        let own: CancelScope | undefined
        const result = yield* cancelScope(function* (scope) {
          own = scope
          scope.cancel()
          return 'result'
        })
        print(result, own?.cancelled)
        yield* sleep(1)
        print('not cancelled any more')
      },
      async async(print) {
        print(
          await cancelScope(async (scope) => {
            scope.cancel()
            print('goes on')
            try {
              await sleep(1)
            } catch (error) {
              print('cancelled there')
              throw error
            }
          }),
        )
        let own: CancelScope | undefined
        const result = await cancelScope(async (scope) => {
          own = scope
          scope.cancel()
          return 'result'
        })
        print(result, own?.cancelled)
        await sleep(1)
        print('not cancelled any more')
      },
    },
  )

  bothSpellings(
    'is delivered once, with its reason and who asked; a second call does nothing',
    ['enough CancelledError a cancel scope', 'cleaned up', 'undefined'],
    {
      *generator(print) {
        const result = yield* cancelScope(function* (scope) {
          getRunningLoop().callSoon(() => {
            scope.cancel('enough')
            scope.cancel('more')
          })
          try {
            yield* sleep(100)
          } catch (error) {
            print((error as CancelledError).reason, error, (error as CancelledError).requestedBy)
            scope.cancel('again')
            yield* sleep(5)
            print('cleaned up')
            throw error
          }
        })
        print(result)
      },
      async async(print) {
        const result = await cancelScope(async (scope) => {
          getRunningLoop().callSoon(() => {
            scope.cancel('enough')
            scope.cancel('more')
          })
          try {
            await sleep(100)
          } catch (error) {
            print((error as CancelledError).reason, error, (error as CancelledError).requestedBy)
            scope.cancel('again')
            await sleep(5)
            print('cleaned up')
            throw error
          }
        })
        print(result)
      },
    },
  )

  bothSpellings(
    'a body that catches the cancellation has the last word',
    ['result true', 'own error true', '0'],
    {
      *generator(print) {
        let own: CancelScope | undefined
        const result = yield* cancelScope(function* (scope) {
          own = scope
          scope.cancel()
          try {
            yield* sleep(1)
          } catch {}
          return 'result'
        })
        print(result, own?.cancelled)
        try {
          yield* cancelScope(function* (scope) {
            own = scope
            scope.cancel()
            try {
              yield* sleep(1)
            } catch {
              throw 'own error'
            }
          })
        } catch (error) {
          print(error, own?.cancelled)
        }
        yield* sleep(1)
        print(requests())
      },
      async async(print) {
        let own: CancelScope | undefined
        const result = await cancelScope(async (scope) => {
          own = scope
          scope.cancel()
          try {
            await sleep(1)
          } catch {}
          return 'result'
        })
        print(result, own?.cancelled)
        try {
          await cancelScope(async (scope) => {
            own = scope
            scope.cancel()
            try {
              await sleep(1)
            } catch {
              throw 'own error'
            }
          })
        } catch (error) {
          print(error, own?.cancelled)
        }
        await sleep(1)
        print(requests())
      },
    },
  )

  bothSpellings('once the scope is closed does nothing', ['slept 0'], {
    *generator(print) {
      let own: CancelScope | undefined
      yield* cancelScope((scope) => {
        own = scope
      })
      own?.cancel()
      yield* sleep(1)
      print('slept', requests())
    },
    async async(print) {
      let own: CancelScope | undefined
      await cancelScope((scope) => {
        own = scope
      })
      own?.cancel()
      await sleep(1)
      print('slept', requests())
    },
  })

  bothSpellings(
    'reaches the children of a group in the scope, and what its tasks wait for',
    ['a CancelledError', 'b CancelledError', 'undefined'],
    {
      *generator(print) {
        const child = function* (name: string) {
          try {
            yield* sleep(100)
          } catch (error) {
            print(name, error)
            throw error
          }
        }
        const result = yield* cancelScope((scope) => {
          getRunningLoop().callAt(10, () => scope.cancel())
          return taskGroup(function* (group) {
            for (const name of ['a', 'b']) group.createTask(child, name)
          })
        })
        print(result)
      },
      async async(print) {
        const child = async (name: string) => {
          try {
            await sleep(100)
          } catch (error) {
            print(name, error)
            throw error
          }
        }
        const result = await cancelScope((scope) => {
          getRunningLoop().callAt(10, () => scope.cancel())
          return taskGroup(async (group) => {
            for (const name of ['a', 'b']) group.createTask(child, name)
          })
        })
        print(result)
      },
    },
  )

  bothSpellings(
    'a body that would not stop is reminded, and ended',
    ['swallows', 'report: told again', 'swallows', 'report: ended', 'undefined at 20', 'goes on'],
    {
      *generator(print) {
        createTask(function* () {
          for (let i = 0; i < 50; i++) yield* sleep(1)
        })
        getRunningLoop().setExceptionHandler((_, { message }) => {
          print('report:', /of a cancel scope.*is (told again|ended)$/.exec(message)?.[1] ?? message)
        })
        const result = yield* cancelScope(function* (scope) {
          scope.cancel()
          for (;;) {
            try {
              yield* sleep(1000)
            } catch {
              print('swallows')
            }
          }
        })
        print(result, 'at', now())
        yield* sleep(1)
        print('goes on')
      },
      async async(print) {
        createTask(async () => {
          for (let i = 0; i < 50; i++) await sleep(1)
        })
        getRunningLoop().setExceptionHandler((_, { message }) => {
          print('report:', /of a cancel scope.*is (told again|ended)$/.exec(message)?.[1] ?? message)
        })
        const result = await cancelScope(async (scope): Promise<undefined> => {
          scope.cancel()
          for (;;) {
            try {
              await sleep(1000)
            } catch {
              print('swallows')
            }
          }
        })
        print(result, 'at', now())
        await sleep(1)
        print('goes on')
      },
    },
    { cancelGrace: 10 },
  )
})

describe('the deadline', () => {
  bothSpellings(
    'cancels the scope when it has passed',
    ['undefined at 20', 'true 20', 'its deadline has passed'],
    {
      *generator(print) {
        let own: CancelScope | undefined
        let reason: unknown
        const result = yield* cancelScope(
          function* (scope) {
            own = scope
            try {
              yield* sleep(100)
            } catch (error) {
              reason = (error as CancelledError).reason
              throw error
            }
          },
          { deadline: 20 },
        )
        print(result, 'at', now())
        print(own?.cancelled, own?.deadline)
        print(reason)
      },
      async async(print) {
        let own: CancelScope | undefined
        let reason: unknown
        const result = await cancelScope(
          async (scope) => {
            own = scope
            try {
              await sleep(100)
            } catch (error) {
              reason = (error as CancelledError).reason
              throw error
            }
          },
          { deadline: 20 },
        )
        print(result, 'at', now())
        print(own?.cancelled, own?.deadline)
        print(reason)
      },
    },
  )

  bothSpellings(
    'may be moved, set and taken away while the body runs',
    ['undefined at 30', 'undefined at 40', 'slept at 140', 'slept at 240'],
    {
      *generator(print) {
        const moved = (change: (scope: CancelScope) => void, deadline?: number) =>
          cancelScope(
            function* (scope) {
              yield* sleep(0)
              change(scope)
              yield* sleep(100)
              return 'slept'
            },
            { deadline },
          )
        const later = yield* moved((scope) => {
          scope.deadline = 30
        }, 20)
        print(later, 'at', now())
        const set = yield* moved((scope) => {
          scope.deadline = 40
        })
        print(set, 'at', now())
        const taken = yield* moved((scope) => {
          scope.deadline = null
        }, 50)
        print(taken, 'at', now())
        const never = yield* moved((scope) => {
          scope.deadline = Number.POSITIVE_INFINITY
        }, 150)
        print(never, 'at', now())
      },
      async async(print) {
        const moved = (change: (scope: CancelScope) => void, deadline?: number) =>
          cancelScope(
            async (scope) => {
              await sleep(0)
              change(scope)
              await sleep(100)
              return 'slept'
            },
            { deadline },
          )
        const later = await moved((scope) => {
          scope.deadline = 30
        }, 20)
        print(later, 'at', now())
        const set = await moved((scope) => {
          scope.deadline = 40
        })
        print(set, 'at', now())
        const taken = await moved((scope) => {
          scope.deadline = null
        }, 50)
        print(taken, 'at', now())
        const never = await moved((scope) => {
          scope.deadline = Number.POSITIVE_INFINITY
        }, 150)
        print(never, 'at', now())
      },
    },
  )

  bothSpellings('in the past cancels the first suspension', ['began', 'undefined at 5', 'at once'], {
    *generator(print) {
      yield* sleep(5)
      const result = yield* cancelScope(
        function* () {
          print('began')
          yield* sleep(1)
          return 'slept'
        },
        { deadline: 1 },
      )
      print(result, 'at', now())
      print(yield* cancelScope(() => 'at once', { deadline: 1 }))
    },
    async async(print) {
      await sleep(5)
      const result = await cancelScope(
        async () => {
          print('began')
          await sleep(1)
          return 'slept'
        },
        { deadline: 1 },
      )
      print(result, 'at', now())
      print(await cancelScope(() => 'at once', { deadline: 1 }))
    },
  })

  test('leaves no timer behind, and cancels nothing once the scope is closed', async () => {
    const trace = await traceOf(function* (print) {
      let own: CancelScope | undefined
      yield* cancelScope(
        (scope) => {
          own = scope
        },
        { deadline: 20 },
      )
      if (own !== undefined) own.deadline = 10
      yield* sleep(1)
      print(now(), own?.cancelled)
      yield* sleep(50)
      print(own?.cancelled)
    })
    expect(trace).toEqual(['1 false', 'false'])
  })
})

describe('scopes in scopes', () => {
  bothSpellings('the outer one cancels both', ['inner ends', 'undefined', 'false true'], {
    *generator(print) {
      let inner: CancelScope | undefined
      let outer: CancelScope | undefined
      const result = yield* cancelScope(function* (scope) {
        outer = scope
        try {
          yield* cancelScope(function* (own) {
            inner = own
            outer?.cancel()
            yield* sleep(100)
          })
          print('never')
        } finally {
          print('inner ends')
        }
      })
      print(result)
      print(inner?.cancelled, outer?.cancelled)
    },
    async async(print) {
      let inner: CancelScope | undefined
      let outer: CancelScope | undefined
      const result = await cancelScope(async (scope) => {
        outer = scope
        try {
          await cancelScope(async (own) => {
            inner = own
            outer?.cancel()
            await sleep(100)
          })
          print('never')
        } finally {
          print('inner ends')
        }
      })
      print(result)
      print(inner?.cancelled, outer?.cancelled)
    },
  })

  bothSpellings('the inner one cancels only itself', ['undefined', 'outer goes on at 5', 'result'], {
    *generator(print) {
      const result = yield* cancelScope(function* () {
        print(
          yield* cancelScope(function* (own) {
            own.cancel()
            yield* sleep(100)
          }),
        )
        yield* sleep(5)
        print('outer goes on at', now())
        return 'result'
      })
      print(result)
    },
    async async(print) {
      const result = await cancelScope(async () => {
        print(
          await cancelScope(async (own) => {
            own.cancel()
            await sleep(100)
          }),
        )
        await sleep(5)
        print('outer goes on at', now())
        return 'result'
      })
      print(result)
    },
  })

  for (const order of ['inner first', 'outer first']) {
    bothSpellings(`both at the same moment: it is the outer one's (${order})`, ['undefined at 10', '0'], {
      *generator(print) {
        const result = yield* cancelScope(function* (outer) {
          yield* cancelScope(function* (inner) {
            const scopes = order === 'inner first' ? [inner, outer] : [outer, inner]
            getRunningLoop().callAt(10, () => {
              for (const scope of scopes) scope.cancel()
            })
            yield* sleep(100)
          })
          print('the body of the outer one goes on')
          yield* sleep(1)
          return 'never'
        })
        print(result, 'at', now())
        print(requests())
      },
      async async(print) {
        const result = await cancelScope(async (outer) => {
          await cancelScope(async (inner) => {
            const scopes = order === 'inner first' ? [inner, outer] : [outer, inner]
            getRunningLoop().callAt(10, () => {
              for (const scope of scopes) scope.cancel()
            })
            await sleep(100)
          })
          print('the body of the outer one goes on')
          await sleep(1)
          return 'never'
        })
        print(result, 'at', now())
        print(requests())
      },
    })
  }

  bothSpellings('the cancellation of the task is not the scope’s', ['CancelledError', 'cancelled'], {
    *generator(print) {
      const task = createTask(function* () {
        try {
          yield* cancelScope(() => sleep(100))
          print('never')
        } catch (error) {
          print(error)
          throw error
        }
      })
      yield* sleep(1)
      task.cancel()
      yield* wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
    async async(print) {
      const task = createTask(async () => {
        try {
          await cancelScope(() => sleep(100))
          print('never')
        } catch (error) {
          print(error)
          throw error
        }
      })
      await sleep(1)
      task.cancel()
      await wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
  })
})

describe('a shield', () => {
  bothSpellings(
    'keeps the cancellation of the task away until its body has ended; then it arrives, once',
    [
      '<CancelScope open shield> true',
      'saved at 50',
      'CancelledError at 50',
      'cleaned up at 55',
      'cancelled',
    ],
    {
      *generator(print) {
        const task = createTask(function* () {
          yield* cancelScope(
            function* (scope) {
              print(scope, scope.shield)
              yield* sleep(50)
              print('saved at', now())
            },
            { shield: true },
          )
          try {
            yield* sleep(100)
          } catch (error) {
            print(error, 'at', now())
            yield* sleep(5)
            print('cleaned up at', now())
            throw error
          }
        })
        yield* sleep(10)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
      async async(print) {
        const task = createTask(async () => {
          await cancelScope(
            async (scope) => {
              print(scope, scope.shield)
              await sleep(50)
              print('saved at', now())
            },
            { shield: true },
          )
          try {
            await sleep(100)
          } catch (error) {
            print(error, 'at', now())
            await sleep(5)
            print('cleaned up at', now())
            throw error
          }
        })
        await sleep(10)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
    },
  )

  bothSpellings(
    'keeps a time limit around it waiting; the TimeoutError comes once the body has ended',
    ['saved at 50', 'TimeoutError at 50', '0'],
    {
      *generator(print) {
        try {
          yield* timeout(10, function* () {
            yield* cancelScope(
              function* () {
                yield* sleep(50)
                print('saved at', now())
              },
              { shield: true },
            )
            yield* sleep(100)
          })
        } catch (error) {
          print(error, 'at', now())
        }
        print(requests())
      },
      async async(print) {
        try {
          await timeout(10, async () => {
            await cancelScope(
              async () => {
                await sleep(50)
                print('saved at', now())
              },
              { shield: true },
            )
            await sleep(100)
          })
        } catch (error) {
          print(error, 'at', now())
        }
        print(requests())
      },
    },
  )

  bothSpellings(
    'keeps a request away that was there before, and passes it on afterwards',
    ['saved', 'CancelledError', 'cancelled'],
    {
      *generator(print) {
        const task = createTask(function* () {
          currentTask()?.cancel()
          yield* cancelScope(
            function* () {
              yield* sleep(5)
              print('saved')
            },
            { shield: true },
          )
          try {
            yield* sleep(5)
          } catch (error) {
            print(error)
            throw error
          }
        })
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
      async async(print) {
        const task = createTask(async () => {
          currentTask()?.cancel()
          await cancelScope(
            async () => {
              await sleep(5)
              print('saved')
            },
            { shield: true },
          )
          try {
            await sleep(5)
          } catch (error) {
            print(error)
            throw error
          }
        })
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
    },
  )

  bothSpellings(
    'keeps its own cancellation from nobody, nor that of a scope inside',
    ['undefined at 5', 'undefined at 10'],
    {
      *generator(print) {
        const own = yield* cancelScope(
          function* () {
            const inner = yield* moveOnAfter(5, () => sleep(100, 'slept'))
            print(inner, 'at', now())
            yield* sleep(100)
          },
          { shield: true, deadline: 10 },
        )
        print(own, 'at', now())
      },
      async async(print) {
        const own = await cancelScope(
          async () => {
            const inner = await moveOnAfter(5, () => sleep(100, 'slept'))
            print(inner, 'at', now())
            await sleep(100)
          },
          { shield: true, deadline: 10 },
        )
        print(own, 'at', now())
      },
    },
  )

  bothSpellings('shields in shields: the outermost has the last word', ['inner', 'outer', 'CancelledError'], {
    *generator(print) {
      const task = createTask(function* () {
        yield* cancelScope(
          function* () {
            yield* cancelScope(() => sleep(20), { shield: true })
            print('inner')
            yield* sleep(20)
            print('outer')
          },
          { shield: true },
        )
        try {
          yield* sleep(20)
        } catch (error) {
          print(error)
        }
      })
      yield* sleep(10)
      task.cancel()
      yield* task
    },
    async async(print) {
      const task = createTask(async () => {
        await cancelScope(
          async () => {
            await cancelScope(() => sleep(20), { shield: true })
            print('inner')
            await sleep(20)
            print('outer')
          },
          { shield: true },
        )
        try {
          await sleep(20)
        } catch (error) {
          print(error)
        }
      })
      await sleep(10)
      task.cancel()
      await task
    },
  })

  bothSpellings(
    'a request that is taken back with uncancel() meanwhile does not arrive',
    ['0', 'slept at 30'],
    {
      *generator(print) {
        const task = createTask(function* () {
          yield* cancelScope(
            function* () {
              yield* sleep(20)
              print(currentTask()?.uncancel())
            },
            { shield: true },
          )
          yield* sleep(10)
          print('slept at', now())
        })
        yield* sleep(10)
        task.cancel()
        yield* wait([task])
      },
      async async(print) {
        const task = createTask(async () => {
          await cancelScope(
            async () => {
              await sleep(20)
              print(currentTask()?.uncancel())
            },
            { shield: true },
          )
          await sleep(10)
          print('slept at', now())
        })
        await sleep(10)
        task.cancel()
        await wait([task])
      },
    },
  )

  bothSpellings(
    'bounded by a deadline: the cancellation from outside arrives once, when that has passed',
    ['caught CancelledError at 20', 'cleaned up at 25', 'cancelled'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* cancelScope(() => sleep(100), { shield: true, deadline: 20 })
            yield* sleep(100)
          } catch (error) {
            print('caught', error, 'at', now())
            yield* sleep(5)
            print('cleaned up at', now())
            throw error
          }
        })
        yield* sleep(10)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await cancelScope(() => sleep(100), { shield: true, deadline: 20 })
            await sleep(100)
          } catch (error) {
            print('caught', error, 'at', now())
            await sleep(5)
            print('cleaned up at', now())
            throw error
          }
        })
        await sleep(10)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
    },
  )

  bothSpellings(
    'bounded by a deadline inside a time limit: both pass, and it is a TimeoutError, once',
    ['TimeoutError at 20', 'goes on at 25', '0'],
    {
      *generator(print) {
        try {
          yield* timeout(10, () => cancelScope(() => sleep(100), { shield: true, deadline: 20 }))
        } catch (error) {
          print(error, 'at', now())
        }
        yield* sleep(5)
        print('goes on at', now())
        print(requests())
      },
      async async(print) {
        try {
          await timeout(10, () => cancelScope(() => sleep(100), { shield: true, deadline: 20 }))
        } catch (error) {
          print(error, 'at', now())
        }
        await sleep(5)
        print('goes on at', now())
        print(requests())
      },
    },
  )
})

describe('misuse', () => {
  refuses('cancelScope()', [5, null, 'body'], (body) => cancelScope(body))
  refuses('cancelScope({ deadline })', ['20', Number.NaN, true], (deadline) =>
    cancelScope(() => {}, { deadline }),
  )

  test('a deadline that is none is refused, and changes nothing', async () => {
    const trace = await traceOf(function* (print) {
      const result = yield* cancelScope(
        function* (scope) {
          for (const wrong of ['20', Number.NaN]) {
            try {
              scope.deadline = wrong as never
            } catch (error) {
              print(error)
            }
          }
          yield* sleep(100)
          return 'slept'
        },
        { deadline: 10 },
      )
      print(result, now())
    })
    expect(trace).toEqual(['TypeError', 'RangeError', 'undefined 10'])
  })

  keepsTheOperationContract('cancelScope(body())', () => cancelScope(function body() {}))
})

test('scopes in scopes, cancelled at random: each is left when it or one around it is cancelled, or its body ends', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const program = `seed ${seed}, ${spelling}`
      const depth = 1 + Math.floor(random() * 5)
      const cancelledAt = Array.from({ length: depth }, () =>
        random() < 0.6 ? 10 * Math.floor(1 + random() * 10) : Number.POSITIVE_INFINITY,
      )
      await runVirtual(function* () {
        const leftAt: number[] = []
        const cancelLater = (scope: CancelScope, ms = Number.POSITIVE_INFINITY) => {
          if (ms !== Number.POSITIVE_INFINITY) getRunningLoop().callAt(ms, () => scope.cancel())
        }
        function* nested(level: number): Coroutine {
          try {
            yield* cancelScope(function* (scope) {
              cancelLater(scope, cancelledAt[level])
              if (level + 1 < depth) yield* nested(level + 1)
              yield* sleep(1000)
            })
          } finally {
            leftAt.unshift(now())
          }
        }
        async function nestedAsync(level: number): Promise<void> {
          try {
            await cancelScope(async (scope) => {
              cancelLater(scope, cancelledAt[level])
              if (level + 1 < depth) await nestedAsync(level + 1)
              await sleep(1000)
            })
          } finally {
            leftAt.unshift(now())
          }
        }
        yield* spelling === 'async' ? call(nestedAsync, 0) : nested(0)
        expect(requests(), program).toBe(0)
        expect(leftAt, program).toEqual(expectedExits(cancelledAt))
      })
    }
  }
})

/** When each scope is left, the outermost first; a body sleeps 1,000 ms once the scope inside it is left. */
function expectedExits(cancelledAt: readonly number[]): number[] {
  const exits: number[] = []
  let innerExit = 0
  for (let level = cancelledAt.length - 1; level >= 0; level--) {
    const isCancelledAt = Math.min(...cancelledAt.slice(0, level + 1))
    innerExit = Math.min(innerExit + 1000, isCancelledAt)
    exits.unshift(innerExit)
  }
  return exits
}

test('a CancelledError that nobody asked the scope for goes through it', async () => {
  const trace = await traceOf(function* (print) {
    const cancelled = createTask(sleep, 10)
    cancelled.cancel()
    try {
      print('result', yield* cancelScope(() => cancelled))
    } catch (error) {
      print(error)
    }
  })
  expect(trace).toEqual(['CancelledError'])
})

test('cancelled itself while it keeps a cancellation away, it throws that one at its end', async () => {
  const trace = await traceOf(function* (print) {
    let inside: CancelScope | null = null
    const task = createTask(function* () {
      try {
        yield* cancelScope(
          (scope) => {
            inside = scope
            return sleep(100)
          },
          { shield: true },
        )
      } catch (error) {
        print(error, (error as Error).message)
      }
    })
    yield
    task.cancel('from outside')
    const scope = inside as CancelScope | null
    scope?.cancel('by hand')
    yield* task
  })
  expect(trace).toEqual(['CancelledError from outside'])
})
