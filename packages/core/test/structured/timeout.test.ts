import {
  CancelledError,
  type Coroutine,
  createTask,
  Future,
  getRunningLoop,
  moveOnAfter,
  sleep,
  type Timeout,
  TimeoutError,
  timeout,
  timeoutAt,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

describe('in time', () => {
  bothSpellings('returns what the body returns, and leaves no timer behind', ['result 10', '11'], {
    *generator(print) {
      print(yield* timeout(1000, () => sleep(10, 'result')), now())
      yield* sleep(1)
      print(now())
    },
    async async(print) {
      print(await timeout(1000, () => sleep(10, 'result')), now())
      await sleep(1)
      print(now())
    },
  })

  bothSpellings('takes bodies of every kind', ['generator', 'async', 'plain', 'operation', 'promise'], {
    *generator(print) {
      const body = function* () {
        yield
        return 'generator'
      }
      print(yield* timeout(5, body))
      print(
        yield* timeout(5, async () => {
          await sleep(1)
          return 'async'
        }),
      )
      print(yield* timeout(5, () => 'plain'))
      print(yield* timeout(5, () => sleep(1, 'operation')))
      print(yield* timeout(5, () => Promise.resolve('promise')))
    },
    async async(print) {
      const body = function* () {
        yield
        return 'generator'
      }
      print(await timeout(5, body))
      print(
        await timeout(5, async () => {
          await sleep(1)
          return 'async'
        }),
      )
      print(await timeout(5, () => 'plain'))
      print(await timeout(5, () => sleep(1, 'operation')))
      print(await timeout(5, () => Promise.resolve('promise')))
    },
  })

  bothSpellings('null is no limit', ['null false', '1000000', 'null false'], {
    *generator(print) {
      const limit = yield* timeout(null, function* (own) {
        print(own.when(), own.expired())
        yield* sleep(1_000_000)
        return own
      })
      print(now())
      print(limit.when(), limit.expired())
    },
    async async(print) {
      const limit = await timeout(null, async (own) => {
        print(own.when(), own.expired())
        await sleep(1_000_000)
        return own
      })
      print(now())
      print(limit.when(), limit.expired())
    },
  })

  bothSpellings('counts from the moment it is awaited', ['result 55'], {
    *generator(print) {
      const later = timeout(10, () => sleep(5, 'result'))
      yield* sleep(50)
      print(yield* later, now())
    },
    async async(print) {
      const later = timeout(10, () => sleep(5, 'result'))
      await sleep(50)
      print(await later, now())
    },
  })

  bothSpellings('is a checkpoint only where the body suspends', ['0', '1'], {
    *generator(print) {
      const passes = passCounter()
      yield* timeout(1000, () => 'at once')
      print(passes())
      yield* timeout(1000, () => sleep(0))
      print(passes())
    },
    async async(print) {
      const passes = passCounter()
      await timeout(1000, () => 'at once')
      print(passes())
      await timeout(1000, () => sleep(0))
      print(passes())
    },
  })

  bothSpellings('an error of the body comes out as it is', ['boom', 'false 0'], {
    *generator(print) {
      let own: Timeout | undefined
      try {
        yield* timeout(10, function* (limit) {
          own = limit
          yield* sleep(5)
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
      print(own?.expired(), requests())
    },
    async async(print) {
      let own: Timeout | undefined
      try {
        await timeout(10, async (limit) => {
          own = limit
          await sleep(5)
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
      print(own?.expired(), requests())
    },
  })
})

describe('late', () => {
  bothSpellings(
    'cancels the body, and throws TimeoutError with the CancelledError as its cause',
    ['TimeoutError POLVO_TIMEOUT true', 'CancelledError timeout(10)', '10 0'],
    {
      *generator(print) {
        try {
          yield* timeout(10, () => sleep(1000))
        } catch (error) {
          const { code, message, cause } = error as TimeoutError
          print(error, code, /\b10\b/.test(message))
          print(cause, (cause as CancelledError).requestedBy)
        }
        print(now(), requests())
      },
      async async(print) {
        try {
          await timeout(10, () => sleep(1000))
        } catch (error) {
          const { code, message, cause } = error as TimeoutError
          print(error, code, /\b10\b/.test(message))
          print(cause, (cause as CancelledError).requestedBy)
        }
        print(now(), requests())
      },
    },
  )

  bothSpellings('waits for the clean-up of the body', ['cleaning 10', 'cleaned 35', 'TimeoutError 35'], {
    *generator(print) {
      try {
        yield* timeout(10, function* () {
          try {
            yield* sleep(1000)
          } finally {
            print('cleaning', now())
            yield* sleep(25)
            print('cleaned', now())
          }
        })
      } catch (error) {
        print(error, now())
      }
    },
    async async(print) {
      try {
        await timeout(10, async () => {
          try {
            await sleep(1000)
          } finally {
            print('cleaning', now())
            await sleep(25)
            print('cleaned', now())
          }
        })
      } catch (error) {
        print(error, now())
      }
    },
  })

  bothSpellings(
    'a body that catches the cancellation has the last word',
    ['true', 'returned true 0', 'true', 'own error true 0', 'and nothing is left over'],
    {
      *generator(print) {
        let own: Timeout | undefined
        const result = yield* timeout(10, function* (limit) {
          own = limit
          try {
            yield* sleep(1000)
          } catch {
            print(limit.expired())
          }
          return 'returned'
        })
        print(result, own?.expired(), requests())
        try {
          yield* timeout(10, function* (limit) {
            own = limit
            try {
              yield* sleep(1000)
            } catch {
              print(limit.expired())
              throw 'own error'
            }
          })
        } catch (error) {
          print(error, own?.expired(), requests())
        }
        yield* sleep(50)
        print('and nothing is left over')
      },
      async async(print) {
        let own: Timeout | undefined
        const result = await timeout(10, async (limit) => {
          own = limit
          try {
            await sleep(1000)
          } catch {
            print(limit.expired())
          }
          return 'returned'
        })
        print(result, own?.expired(), requests())
        try {
          await timeout(10, async (limit) => {
            own = limit
            try {
              await sleep(1000)
            } catch {
              print(limit.expired())
              throw 'own error'
            }
          })
        } catch (error) {
          print(error, own?.expired(), requests())
        }
        await sleep(50)
        print('and nothing is left over')
      },
    },
  )

  for (const ms of [0, -1, Number.NEGATIVE_INFINITY]) {
    bothSpellings(
      `${ms} lets the body run to its first suspension`,
      ['began', 'cancelled', 'TimeoutError', 'at once', 'not cancelled 0'],
      {
        *generator(print) {
          try {
            yield* timeout(ms, function* () {
              print('began')
              try {
                yield* sleep(0)
                print('never')
              } catch (error) {
                print('cancelled')
                throw error
              }
            })
          } catch (error) {
            print(error)
          }
          print(yield* timeout(ms, () => 'at once'))
          yield* sleep(5)
          print('not cancelled', requests())
        },
        async async(print) {
          try {
            await timeout(ms, async () => {
              print('began')
              try {
                await sleep(0)
                print('never')
              } catch (error) {
                print('cancelled')
                throw error
              }
            })
          } catch (error) {
            print(error)
          }
          print(await timeout(ms, () => 'at once'))
          await sleep(5)
          print('not cancelled', requests())
        },
      },
    )
  }

  bothSpellings(
    'a limit that is over in the very pass in which the body ends disturbs nothing behind it',
    ['result true', 'slept 0'],
    {
      *generator(print) {
        const future = new Future<string>()
        // The body is ready first, and the limit is over before it runs.
        getRunningLoop().callLater(10, () => future.setResult('result'))
        const [value, limit] = yield* timeout(10, function* (own) {
          try {
            return [yield* future, own] as const
          } catch {
            return ['result', own] as const
          }
        })
        print(value, limit.expired())
        yield* sleep(5)
        print('slept', requests())
      },
      async async(print) {
        const future = new Future<string>()
        getRunningLoop().callLater(10, () => future.setResult('result'))
        const [value, limit] = await timeout(10, async (own) => {
          try {
            return [await future, own] as const
          } catch {
            return ['result', own] as const
          }
        })
        print(value, limit.expired())
        await sleep(5)
        print('slept', requests())
      },
    },
  )

  bothSpellings(
    'what could not be delivered before the body returned is taken back',
    ['result true', 'slept 0'],
    {
      *generator(print) {
        const [value, limit] = yield* timeout(10, async (own) => {
          while (!own.expired()) await new Promise(setImmediate)
          return ['result', own] as const
        })
        print(value, limit.expired())
        yield* sleep(5)
        print('slept', requests())
      },
      async async(print) {
        const [value, limit] = await timeout(10, async (own) => {
          while (!own.expired()) await new Promise(setImmediate)
          return ['result', own] as const
        })
        print(value, limit.expired())
        await sleep(5)
        print('slept', requests())
      },
    },
  )
})

describe('nested', () => {
  bothSpellings(
    'the inner one expires first: the outer body goes on',
    ['TimeoutError 10 false', 'outer result 60 0'],
    {
      *generator(print) {
        const result = yield* timeout(100, function* (outer) {
          try {
            yield* timeout(10, () => sleep(1000))
          } catch (error) {
            print(error, now(), outer.expired())
          }
          yield* sleep(50)
          return 'outer result'
        })
        print(result, now(), requests())
      },
      async async(print) {
        const result = await timeout(100, async (outer) => {
          try {
            await timeout(10, () => sleep(1000))
          } catch (error) {
            print(error, now(), outer.expired())
          }
          await sleep(50)
          return 'outer result'
        })
        print(result, now(), requests())
      },
    },
  )

  bothSpellings(
    'the outer one expires first: the inner lets its CancelledError pass',
    ['CancelledError false true', 'TimeoutError true 10 0'],
    {
      *generator(print) {
        try {
          yield* timeout(10, function* (outer) {
            let inner: Timeout | undefined
            try {
              yield* timeout(100, function* (own) {
                inner = own
                yield* sleep(1000)
              })
            } catch (error) {
              print(error, inner?.expired(), outer.expired())
              throw error
            }
          })
        } catch (error) {
          print(error, /\b10\b/.test((error as Error).message), now(), requests())
        }
      },
      async async(print) {
        try {
          await timeout(10, async (outer) => {
            let inner: Timeout | undefined
            try {
              await timeout(100, async (own) => {
                inner = own
                await sleep(1000)
              })
            } catch (error) {
              print(error, inner?.expired(), outer.expired())
              throw error
            }
          })
        } catch (error) {
          print(error, /\b10\b/.test((error as Error).message), now(), requests())
        }
      },
    },
  )

  // Whichever asked first, the cancellation has to get out to the outermost that asked.
  for (const [order, innerFirst] of [
    ['the outer one asks first', false],
    ['the inner one asks first', true],
  ] as const) {
    bothSpellings(
      `both expire at the same instant: the outer one raises (${order})`,
      ['CancelledError true true', 'TimeoutError from outer 10 0', 'slept 15'],
      {
        *generator(print) {
          try {
            yield* timeout(10, function* (outer) {
              let inner: Timeout | undefined
              try {
                yield* timeout(10, function* (own) {
                  inner = own
                  if (innerFirst) outer.reschedule(10)
                  yield* sleep(1000)
                })
              } catch (error) {
                print(error, inner?.expired(), outer.expired())
                throw error
              }
            })
          } catch (error) {
            print(error, 'from outer', now(), requests())
          }
          yield* sleep(5)
          print('slept', now())
        },
        async async(print) {
          try {
            await timeout(10, async (outer) => {
              let inner: Timeout | undefined
              try {
                await timeout(10, async (own) => {
                  inner = own
                  if (innerFirst) outer.reschedule(10)
                  await sleep(1000)
                })
              } catch (error) {
                print(error, inner?.expired(), outer.expired())
                throw error
              }
            })
          } catch (error) {
            print(error, 'from outer', now(), requests())
          }
          await sleep(5)
          print('slept', now())
        },
      },
    )
  }

  bothSpellings(
    'the outer one expires during the clean-up of the inner one: the outer one raises',
    ['cleaning', 'CancelledError in the clean-up', 'TimeoutError from outer 20 0'],
    {
      *generator(print) {
        try {
          yield* timeout(20, function* () {
            try {
              yield* timeout(10, function* () {
                try {
                  yield* sleep(1000)
                } catch {
                  print('cleaning')
                  try {
                    yield* sleep(1000)
                  } catch (error) {
                    print(error, 'in the clean-up')
                    throw error
                  }
                }
              })
            } catch (error) {
              if (error instanceof TimeoutError) print('from inner')
              throw error
            }
          })
        } catch (error) {
          print(error, 'from outer', now(), requests())
        }
      },
      async async(print) {
        try {
          await timeout(20, async () => {
            try {
              await timeout(10, async () => {
                try {
                  await sleep(1000)
                } catch {
                  print('cleaning')
                  try {
                    await sleep(1000)
                  } catch (error) {
                    print(error, 'in the clean-up')
                    throw error
                  }
                }
              })
            } catch (error) {
              if (error instanceof TimeoutError) print('from inner')
              throw error
            }
          })
        } catch (error) {
          print(error, 'from outer', now(), requests())
        }
      },
    },
  )

  bothSpellings(
    'a timeout in the clean-up of an expired one works as anywhere',
    ['TimeoutError of the clean-up 15', 'TimeoutError of the body 15 0'],
    {
      *generator(print) {
        try {
          yield* timeout(10, function* () {
            try {
              yield* sleep(1000)
            } finally {
              try {
                yield* timeout(5, () => sleep(1000))
              } catch (error) {
                print(error, 'of the clean-up', now())
              }
            }
          })
        } catch (error) {
          print(error, 'of the body', now(), requests())
        }
      },
      async async(print) {
        try {
          await timeout(10, async () => {
            try {
              await sleep(1000)
            } finally {
              try {
                await timeout(5, () => sleep(1000))
              } catch (error) {
                print(error, 'of the clean-up', now())
              }
            }
          })
        } catch (error) {
          print(error, 'of the body', now(), requests())
        }
      },
    },
  )

  test('of any number and any limits, the first that is over raises, in both spellings', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed)
      // Different limits: at the same instant it would be the outermost.
      const limits = Array.from(
        { length: 1 + Math.floor(random() * 5) },
        (_, i) => 10 * Math.floor(1 + random() * 20) + i,
      )
      const [rest, cleanUp] = [10 * Math.floor(random() * 20) + 7, Math.floor(random() * 2) * 1000]
      const first = Math.min(...limits)
      const sets = (limit: number) => (error: unknown) => {
        if (error instanceof TimeoutError) return `late ${limit}`
        throw error
      }
      const nest = function* (depth: number): Coroutine<string> {
        const limit = limits[depth]
        if (limit === undefined) {
          try {
            return yield* sleep(rest, 'in time')
          } finally {
            if (cleanUp > 0) yield* moveOnAfter(1, () => sleep(cleanUp))
          }
        }
        try {
          return yield* timeout(limit, () => nest(depth + 1))
        } catch (error) {
          return sets(limit)(error)
        }
      }
      const nestAsync = async (depth: number): Promise<string> => {
        const limit = limits[depth]
        if (limit === undefined) {
          try {
            return await sleep(rest, 'in time')
          } finally {
            if (cleanUp > 0) await moveOnAfter(1, () => sleep(cleanUp))
          }
        }
        try {
          return await timeout(limit, () => nestAsync(depth + 1))
        } catch (error) {
          return sets(limit)(error)
        }
      }
      const expected = [
        rest < first ? 'in time' : `late ${first}`,
        Math.min(rest, first) + (cleanUp > 0 ? 1 : 0),
        0,
      ]
      const generator = await runVirtual(function* () {
        return [yield* nest(0), now(), requests()]
      })
      const async = await runVirtual(async () => [await nestAsync(0), now(), requests()])
      const program = `seed ${seed}: limits ${limits}, body ${rest}`
      expect(generator, program).toEqual(expected)
      expect(async, program).toEqual(expected)
    }
  })
})

describe('reschedule()', () => {
  bothSpellings(
    'moves the deadline later, earlier, to never, and into the past',
    ['later: slept 30', 'earlier: TimeoutError 40', 'never: slept 5040', 'past: TimeoutError 5040'],
    {
      *generator(print) {
        const attempt = function* (what: string, ms: number, move: (own: Timeout) => void): Coroutine {
          try {
            yield* timeout(10, function* (own) {
              move(own)
              yield* sleep(ms)
            })
            print(what, 'slept', now())
          } catch (error) {
            print(what, error, now())
          }
        }
        yield* attempt('later:', 30, (own) => own.reschedule(now() + 100))
        yield* attempt('earlier:', 15, (own) => {
          own.reschedule(now() + 100)
          own.reschedule(now() + 10)
        })
        yield* attempt('never:', 5000, (own) => own.reschedule(null))
        yield* attempt('past:', 5, (own) => own.reschedule(now() - 1))
      },
      async async(print) {
        const attempt = async (what: string, ms: number, move: (own: Timeout) => void) => {
          try {
            await timeout(10, async (own) => {
              move(own)
              await sleep(ms)
            })
            print(what, 'slept', now())
          } catch (error) {
            print(what, error, now())
          }
        }
        await attempt('later:', 30, (own) => own.reschedule(now() + 100))
        await attempt('earlier:', 15, (own) => {
          own.reschedule(now() + 100)
          own.reschedule(now() + 10)
        })
        await attempt('never:', 5000, (own) => own.reschedule(null))
        await attempt('past:', 5, (own) => own.reschedule(now() - 1))
      },
    },
  )

  bothSpellings('when() tells where the deadline is', ['10', '25', 'null', '25'], {
    *generator(print) {
      yield* timeout(10, function* (own) {
        print(own.when())
        own.reschedule(25)
        print(own.when())
        own.reschedule(null)
        print(own.when())
        own.reschedule(25)
        print(own.when())
      })
    },
    async async(print) {
      await timeout(10, async (own) => {
        print(own.when())
        own.reschedule(25)
        print(own.when())
        own.reschedule(null)
        print(own.when())
        own.reschedule(25)
        print(own.when())
      })
    },
  })

  bothSpellings('a limit given to a body that had none holds', ['TimeoutError 15'], {
    *generator(print) {
      try {
        yield* timeout(null, function* (own) {
          yield* sleep(5)
          own.reschedule(15)
          yield* sleep(1000)
        })
      } catch (error) {
        print(error, now())
      }
    },
    async async(print) {
      try {
        await timeout(null, async (own) => {
          await sleep(5)
          own.reschedule(15)
          await sleep(1000)
        })
      } catch (error) {
        print(error, now())
      }
    },
  })

  bothSpellings(
    'is refused once the limit is over, and once the body has ended',
    ['InvalidStateError while expiring', 'InvalidStateError expired', 'InvalidStateError exited'],
    {
      *generator(print) {
        const refused = (own: Timeout | undefined, state: string) => {
          try {
            own?.reschedule(1000)
          } catch (error) {
            print(error, state)
          }
        }
        let own: Timeout | undefined
        try {
          yield* timeout(10, function* (limit) {
            own = limit
            try {
              yield* sleep(1000)
            } finally {
              refused(limit, 'while expiring')
            }
          })
        } catch {
          refused(own, 'expired')
        }
        refused(yield* timeout(10, (limit) => limit), 'exited')
      },
      async async(print) {
        const refused = (own: Timeout | undefined, state: string) => {
          try {
            own?.reschedule(1000)
          } catch (error) {
            print(error, state)
          }
        }
        let own: Timeout | undefined
        try {
          await timeout(10, async (limit) => {
            own = limit
            try {
              await sleep(1000)
            } finally {
              refused(limit, 'while expiring')
            }
          })
        } catch {
          refused(own, 'expired')
        }
        refused(await timeout(10, (limit) => limit), 'exited')
      },
    },
  )

  for (const wrong of [Number.NaN, '5', undefined]) {
    test(`refuses ${wrong}, which is neither a time nor null, and keeps the deadline it had`, async () => {
      const trace = await traceOf(function* (print) {
        yield* timeout(10, function* (own) {
          try {
            own.reschedule(wrong as number)
          } catch (error) {
            print(error)
          }
          print(own.when())
        })
      })
      expect(trace).toEqual([typeof wrong === 'number' ? 'RangeError' : 'TypeError', '10'])
    })
  }
})

describe('a cancellation from outside', () => {
  bothSpellings('is not swallowed', ['CancelledError false 1', 'cancelled true'], {
    *generator(print) {
      const task = createTask(function* () {
        let own: Timeout | undefined
        try {
          yield* timeout(1000, function* (limit) {
            own = limit
            yield* sleep(5000)
          })
        } catch (error) {
          print(error, own?.expired(), requests())
          throw error
        }
      })
      yield* sleep(10)
      task.cancel()
      try {
        yield* task
      } catch {}
      print('cancelled', task.cancelled())
    },
    async async(print) {
      const task = createTask(async () => {
        let own: Timeout | undefined
        try {
          await timeout(1000, async (limit) => {
            own = limit
            await sleep(5000)
          })
        } catch (error) {
          print(error, own?.expired(), requests())
          throw error
        }
      })
      await sleep(10)
      task.cancel()
      try {
        await task
      } catch {}
      print('cancelled', task.cancelled())
    },
  })

  for (const [order, cancelFirst] of [
    ['cancelled first', true],
    ['limit first', false],
  ] as const) {
    bothSpellings(
      `at the instant the limit is over it goes on as what it is (${order})`,
      ['CancelledError true 1', 'cancelled true'],
      {
        *generator(print) {
          const loop = getRunningLoop()
          if (cancelFirst) loop.callAt(10, () => task.cancel())
          const task = createTask(function* () {
            let own: Timeout | undefined
            try {
              yield* timeout(10, function* (limit) {
                own = limit
                if (!cancelFirst) loop.callAt(10, () => task.cancel())
                yield* sleep(5000)
              })
            } catch (error) {
              print(error, own?.expired(), requests())
              throw error
            }
          })
          yield* sleep(100)
          print('cancelled', task.cancelled())
        },
        async async(print) {
          const loop = getRunningLoop()
          if (cancelFirst) loop.callAt(10, () => task.cancel())
          const task = createTask(async () => {
            let own: Timeout | undefined
            try {
              await timeout(10, async (limit) => {
                own = limit
                if (!cancelFirst) loop.callAt(10, () => task.cancel())
                await sleep(5000)
              })
            } catch (error) {
              print(error, own?.expired(), requests())
              throw error
            }
          })
          await sleep(100)
          print('cancelled', task.cancelled())
        },
      },
    )
  }

  bothSpellings(
    'during the clean-up after the limit goes on as what it is',
    ['CancelledError true 1', 'cancelled true'],
    {
      *generator(print) {
        const task = createTask(function* () {
          let own: Timeout | undefined
          try {
            yield* timeout(10, function* (limit) {
              own = limit
              try {
                yield* sleep(5000)
              } finally {
                yield* sleep(50)
              }
            })
          } catch (error) {
            print(error, own?.expired(), requests())
            throw error
          }
        })
        yield* sleep(30)
        task.cancel()
        yield* sleep(100)
        print('cancelled', task.cancelled())
      },
      async async(print) {
        const task = createTask(async () => {
          let own: Timeout | undefined
          try {
            await timeout(10, async (limit) => {
              own = limit
              try {
                await sleep(5000)
              } finally {
                await sleep(50)
              }
            })
          } catch (error) {
            print(error, own?.expired(), requests())
            throw error
          }
        })
        await sleep(30)
        task.cancel()
        await sleep(100)
        print('cancelled', task.cancelled())
      },
    },
  )

  bothSpellings(
    'that came before the timeout was entered is not swallowed by a limit of 0',
    ['CancelledError', 'cancelled true'],
    {
      *generator(print) {
        const task = createTask(function* () {
          task.cancel()
          try {
            yield* timeout(0, () => sleep(5))
          } catch (error) {
            print(error)
            throw error
          }
        })
        yield* sleep(10)
        print('cancelled', task.cancelled())
      },
      async async(print) {
        const task = createTask(async () => {
          task.cancel()
          try {
            await timeout(0, () => sleep(5))
          } catch (error) {
            print(error)
            throw error
          }
        })
        await sleep(10)
        print('cancelled', task.cancelled())
      },
    },
  )
})

describe('timeoutAt()', () => {
  bothSpellings(
    'limits the body by a time of the clock of the loop',
    ['result 5', 'TimeoutError 20', 'true', 'past: TimeoutError 20', 'null: 70'],
    {
      *generator(print) {
        print(yield* timeoutAt(20, () => sleep(5, 'result')), now())
        try {
          yield* timeoutAt(20, () => sleep(1000))
        } catch (error) {
          print(error, now())
          print(/\b20\b/.test((error as Error).message))
        }
        try {
          yield* timeoutAt(3, () => sleep(1))
        } catch (error) {
          print('past:', error, now())
        }
        yield* timeoutAt(null, () => sleep(50))
        print('null:', now())
      },
      async async(print) {
        print(await timeoutAt(20, () => sleep(5, 'result')), now())
        try {
          await timeoutAt(20, () => sleep(1000))
        } catch (error) {
          print(error, now())
          print(/\b20\b/.test((error as Error).message))
        }
        try {
          await timeoutAt(3, () => sleep(1))
        } catch (error) {
          print('past:', error, now())
        }
        await timeoutAt(null, () => sleep(50))
        print('null:', now())
      },
    },
  )
})

describe('moveOnAfter()', () => {
  bothSpellings(
    'gives the result in time, and undefined once the limit is over, clean-up included',
    ['result 5', 'cleaned', 'undefined 25 0', 'null: result', '0: undefined', 'default'],
    {
      *generator(print) {
        print(yield* moveOnAfter(10, () => sleep(5, 'result')), now())
        const late = yield* moveOnAfter(10, function* () {
          try {
            yield* sleep(1000)
          } finally {
            yield* sleep(10)
            print('cleaned')
          }
        })
        print(late, now(), requests())
        print('null:', yield* moveOnAfter(null, () => sleep(5, 'result')))
        print('0:', yield* moveOnAfter(0, () => sleep(0, 'result')))
        print((yield* moveOnAfter(5, () => sleep(10, 'result'))) ?? 'default')
      },
      async async(print) {
        print(await moveOnAfter(10, () => sleep(5, 'result')), now())
        const late = await moveOnAfter(10, async () => {
          try {
            await sleep(1000)
          } finally {
            await sleep(10)
            print('cleaned')
          }
        })
        print(late, now(), requests())
        print('null:', await moveOnAfter(null, () => sleep(5, 'result')))
        print('0:', await moveOnAfter(0, () => sleep(0, 'result')))
        print((await moveOnAfter(5, () => sleep(10, 'result'))) ?? 'default')
      },
    },
  )

  bothSpellings(
    'lets errors and cancellations from outside pass',
    ['boom', 'CancelledError', 'cancelled true', 'TimeoutError of the outer 30'],
    {
      *generator(print) {
        try {
          yield* moveOnAfter(10, function* () {
            yield
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
        const task = createTask(function* () {
          try {
            yield* moveOnAfter(100, () => sleep(1000))
            print('never')
          } catch (error) {
            print(error)
            throw error
          }
        })
        yield* sleep(10)
        task.cancel()
        yield* sleep(10)
        print('cancelled', task.cancelled())
        try {
          yield* timeout(10, function* () {
            yield* moveOnAfter(100, () => sleep(1000))
            print('never')
          })
        } catch (error) {
          print(error, 'of the outer', now())
        }
      },
      async async(print) {
        try {
          await moveOnAfter(10, async () => {
            await sleep(0)
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
        const task = createTask(async () => {
          try {
            await moveOnAfter(100, () => sleep(1000))
            print('never')
          } catch (error) {
            print(error)
            throw error
          }
        })
        await sleep(10)
        task.cancel()
        await sleep(10)
        print('cancelled', task.cancelled())
        try {
          await timeout(10, async () => {
            await moveOnAfter(100, () => sleep(1000))
            print('never')
          })
        } catch (error) {
          print(error, 'of the outer', now())
        }
      },
    },
  )
})

describe('misuse', () => {
  for (const [name, limited] of [
    ['timeout', timeout],
    ['timeoutAt', timeoutAt],
    ['moveOnAfter', moveOnAfter],
  ] as const) {
    test(`${name}() refuses limits that are none, and what is no function`, () => {
      const refusal = (code: string, message: string) =>
        expect.objectContaining({ code, message: expect.stringContaining(message) })
      expect(() => limited('5' as never, () => {})).toThrow(refusal('POLVO_MISUSE', `${name}()`))
      expect(() => limited(undefined as never, () => {})).toThrow(refusal('POLVO_MISUSE', `${name}()`))
      expect(() => limited(Number.NaN, () => {})).toThrow(refusal('POLVO_OUT_OF_RANGE', `${name}()`))
      expect(() => limited(5, Promise.resolve() as never)).toThrow(
        refusal('POLVO_MISUSE', `${name}(5, () => …)`),
      )
      expect(() => limited(5, undefined as never)).toThrow(refusal('POLVO_MISUSE', `${name}()`))
    })

    bothSpellings(`${name}() serves one await`, ['result', 'InvalidStateError'], {
      *generator(print) {
        const once = limited(1000, () => 'result')
        print(yield* once)
        try {
          yield* once
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const once = limited(1000, () => 'result')
        print(await once)
        try {
          await once
        } catch (error) {
          print(error)
        }
      },
    })

    test(`${name}() that is never awaited runs nothing, and is reported by name when the run ends`, async () => {
      const trace = await traceOf(function* (print) {
        limited(1000, () => print('never'))
        yield
      })
      expect(trace).toEqual([expect.stringContaining(`report: ${name}(1000`)])
      expect(trace[0], 'nothing internal').not.toMatch(/fail\(\)|"|\)\(/)
    })
  }

  test('timeouts show their state', async () => {
    const trace = await traceOf(function* (print) {
      let own: Timeout | undefined
      yield* moveOnAfter(10, function* (limit) {
        own = limit
        print(limit)
        try {
          yield* sleep(1000)
        } finally {
          print(limit)
        }
      })
      print(own)
      print(yield* timeoutAt(1000, (limit) => limit))
    })
    expect(trace).toEqual([
      '<Timeout moveOnAfter(10) active>',
      '<Timeout moveOnAfter(10) expiring>',
      '<Timeout moveOnAfter(10) expired>',
      '<Timeout timeoutAt(1000) exited>',
    ])
  })

  bothSpellings(
    'the CancelledError of a limit is a CancelledError to the body',
    ['true ABORT_ERR undefined'],
    {
      *generator(print) {
        yield* moveOnAfter(10, function* () {
          try {
            yield* sleep(1000)
          } catch (error) {
            print(
              error instanceof CancelledError,
              (error as CancelledError).code,
              (error as CancelledError).reason,
            )
          }
        })
      },
      async async(print) {
        await moveOnAfter(10, async () => {
          try {
            await sleep(1000)
          } catch (error) {
            print(
              error instanceof CancelledError,
              (error as CancelledError).code,
              (error as CancelledError).reason,
            )
          }
        })
      },
    },
  )
})

test('one that ended in time does not expire later', async () => {
  const trace = await traceOf(function* (print) {
    const handle = yield* timeout(10, (timeout) => timeout)
    print(handle.expired(), handle)
    yield* sleep(20)
    print(handle.expired(), handle)
  })
  expect(trace).toEqual(Array(2).fill('false <Timeout timeout(10) exited>'))
})

test('one that is driven by hand, outside any task, is refused', () => {
  const byHand = timeout(10, () => sleep(1))[Symbol.iterator]()
  expect(() => byHand.next()).toThrow(/works inside a task, and was driven by hand/)
})
