import {
  type Coroutine,
  call,
  cleanup,
  createTask,
  type ExceptionGroup,
  Future,
  getRunningLoop,
  isCancelled,
  type Startable,
  sleep,
  type Task,
  TaskGroup,
  taskGroup,
  timeout,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { shown } from '../support/errors.ts'
import { now, requests } from '../support/here.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

describe('a good end', () => {
  bothSpellings(
    'waits for all children, and returns what the body returns',
    ['body done at 5', 'a done at 10', 'b done at 20', 'result at 20'],
    {
      *generator(print) {
        const child = function* (name: string, ms: number) {
          yield* sleep(ms)
          print(name, 'done at', now())
        }
        const result = yield* taskGroup(function* (group) {
          group.createTask(child, 'b', 20)
          group.createTask(child, 'a', 10)
          yield* sleep(5)
          print('body done at', now())
          return 'result'
        })
        print(result, 'at', now())
      },
      async async(print) {
        const child = async (name: string, ms: number) => {
          await sleep(ms)
          print(name, 'done at', now())
        }
        const result = await taskGroup(async (group) => {
          group.createTask(child, 'b', 20)
          group.createTask(child, 'a', 10)
          await sleep(5)
          print('body done at', now())
          return 'result'
        })
        print(result, 'at', now())
      },
    },
  )

  bothSpellings(
    'takes children of every kind and of both spellings, which the body may await',
    ['generator', 'async', 'coroutine', 'call', 'operation', 'plain', 'named'],
    {
      *generator(print) {
        const work = function* (result: string) {
          yield
          return result
        }
        yield* taskGroup(function* (group) {
          const children = [
            group.createTask(work, 'generator'),
            group.createTask(async (result: string) => result, 'async'),
            group.createTask(work('coroutine')),
            group.createTask(call(work, 'call')),
            group.createTask(sleep(1, 'operation')),
            group.createTask(() => 'plain'),
          ]
          for (const child of children) print(yield* child)
          print(group.createTask({ name: 'named' }, work, 'x').getName())
        })
      },
      async async(print) {
        const work = function* (result: string) {
          yield
          return result
        }
        await taskGroup(async (group) => {
          const children = [
            group.createTask(work, 'generator'),
            group.createTask(async (result: string) => result, 'async'),
            group.createTask(work('coroutine')),
            group.createTask(call(work, 'call')),
            group.createTask(sleep(1, 'operation')),
            group.createTask(() => 'plain'),
          ]
          for (const child of children) print(await child)
          print(group.createTask({ name: 'named' }, work, 'x').getName())
        })
      },
    },
  )

  bothSpellings('is a checkpoint only while children run', ['result 0', '4', '2'], {
    *generator(print) {
      let passes = passCounter()
      print(yield* taskGroup(() => 'result'), passes())
      yield* taskGroup((group) => {
        group.createTask(() => sleep(0))
      })
      print(passes())
      passes = passCounter()
      yield* taskGroup((group) => {
        group.createTask(function* () {})
      })
      print(passes() - 1)
    },
    async async(print) {
      let passes = passCounter()
      print(await taskGroup(() => 'result'), passes())
      await taskGroup((group) => {
        group.createTask(() => sleep(0))
      })
      print(passes())
      passes = passCounter()
      await taskGroup((group) => {
        group.createTask(async () => {})
      })
      print(passes() - 1)
    },
  })

  bothSpellings(
    'children bring children, also while the group waits',
    ['3 at 1', '2 at 2', '1 at 3', '0 at 4', 'end at 4'],
    {
      *generator(print) {
        yield* taskGroup((group) => {
          const generation = function* (left: number): Coroutine {
            yield* sleep(1)
            print(left, 'at', now())
            if (left > 0) group.createTask(generation, left - 1)
          }
          group.createTask(generation, 3)
        })
        print('end at', now())
      },
      async async(print) {
        await taskGroup((group) => {
          const generation = async (left: number): Promise<void> => {
            await sleep(1)
            print(left, 'at', now())
            if (left > 0) group.createTask(generation, left - 1)
          }
          group.createTask(generation, 3)
        })
        print('end at', now())
      },
    },
  )

  bothSpellings('a child that is cancelled alone is no error', ['other done at 20', 'body goes on at 20'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        const child = group.createTask(() => sleep(1000))
        group.createTask(function* () {
          yield* sleep(20)
          print('other done at', now())
        })
        yield* sleep(5)
        child.cancel()
        yield* sleep(15)
        print('body goes on at', now())
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        const child = group.createTask(() => sleep(1000))
        group.createTask(async () => {
          await sleep(20)
          print('other done at', now())
        })
        await sleep(5)
        child.cancel()
        await sleep(15)
        print('body goes on at', now())
      })
    },
  })
})

describe('an error', () => {
  bothSpellings(
    'of a child cancels the rest and the body, waits for their clean-up, and comes out as a group',
    [
      'sibling cancelled at 5',
      'body cancelled at 5',
      'sibling cleaned at 15',
      'body cleaned at 25',
      'ExceptionGroup[boom] at 25 requests 0',
      'unhandled errors in a task group (1 sub-exception) POLVO_EXCEPTION_GROUP',
      'slept at 30',
    ],
    {
      *generator(print) {
        const cleans = function* (name: string, ms: number): Coroutine {
          try {
            yield* sleep(1000)
          } finally {
            print(name, 'cancelled at', now())
            yield* sleep(ms)
            print(name, 'cleaned at', now())
          }
        }
        try {
          yield* taskGroup(function* (group) {
            group.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
            group.createTask(cleans, 'sibling', 10)
            yield* cleans('body', 20)
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
          const { message, code } = error as ExceptionGroup
          print(message, code)
        }
        yield* sleep(5)
        print('slept at', now())
      },
      async async(print) {
        const cleans = async (name: string, ms: number) => {
          try {
            await sleep(1000)
          } finally {
            print(name, 'cancelled at', now())
            await sleep(ms)
            print(name, 'cleaned at', now())
          }
        }
        try {
          await taskGroup(async (group) => {
            group.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
            group.createTask(cleans, 'sibling', 10)
            await cleans('body', 20)
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
          const { message, code } = error as ExceptionGroup
          print(message, code)
        }
        await sleep(5)
        print('slept at', now())
      },
    },
  )

  bothSpellings(
    'of a child while the group waits cancels the rest',
    ['body done', 'sibling cancelled at 5', 'ExceptionGroup[boom] at 5 requests 0'],
    {
      *generator(print) {
        try {
          yield* taskGroup((group) => {
            group.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
            group.createTask(function* () {
              try {
                yield* sleep(1000)
              } finally {
                print('sibling cancelled at', now())
              }
            })
            print('body done')
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
      async async(print) {
        try {
          await taskGroup((group) => {
            group.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
            group.createTask(async () => {
              try {
                await sleep(1000)
              } finally {
                print('sibling cancelled at', now())
              }
            })
            print('body done')
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
    },
  )

  bothSpellings(
    'in a clean-up is added, in the order they happened',
    ['ExceptionGroup[boom, first, second] at 15'],
    {
      *generator(print) {
        const cleans = function* (what: string, ms: number): Coroutine {
          try {
            yield* sleep(1000)
          } finally {
            yield* sleep(ms)
            // biome-ignore lint/correctness/noUnsafeFinally: an error in the clean-up is what this is about
            throw what
          }
        }
        try {
          yield* taskGroup((group) => {
            group.createTask(cleans, 'second', 10)
            group.createTask(cleans, 'first', 5)
            group.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
      async async(print) {
        const cleans = async (what: string, ms: number) => {
          try {
            await sleep(1000)
          } finally {
            await sleep(ms)
            // biome-ignore lint/correctness/noUnsafeFinally: an error in the clean-up is what this is about
            throw what
          }
        }
        try {
          await taskGroup((group) => {
            group.createTask(cleans, 'second', 10)
            group.createTask(cleans, 'first', 5)
            group.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
    },
  )

  bothSpellings(
    'of the body cancels the children, and comes out as a group too',
    ['child cancelled at 5', 'ExceptionGroup[of the body] at 15 requests 0'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            group.createTask(function* () {
              try {
                yield* sleep(1000)
              } finally {
                print('child cancelled at', now())
                yield* sleep(10)
              }
            })
            yield* sleep(5)
            throw 'of the body'
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            group.createTask(async () => {
              try {
                await sleep(1000)
              } finally {
                print('child cancelled at', now())
                await sleep(10)
              }
            })
            await sleep(5)
            throw 'of the body'
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
    },
  )

  bothSpellings('of the body comes before those of the clean-up it causes', ['ExceptionGroup[body, child]'], {
    *generator(print) {
      try {
        yield* taskGroup(function* (group) {
          group.createTask(function* () {
            try {
              yield* sleep(1000)
            } catch {
              throw 'child'
            }
          })
          yield* sleep(5)
          throw 'body'
        })
      } catch (error) {
        print(shown(error))
      }
    },
    async async(print) {
      try {
        await taskGroup(async (group) => {
          group.createTask(async () => {
            try {
              await sleep(1000)
            } catch {
              throw 'child'
            }
          })
          await sleep(5)
          throw 'body'
        })
      } catch (error) {
        print(shown(error))
      }
    },
  })

  bothSpellings(
    'of the body before the children have started: they never run',
    ['ExceptionGroup[at once]', 'true'],
    {
      *generator(print) {
        let child: Task<void> | undefined
        try {
          yield* taskGroup((group) => {
            child = group.createTask(function* () {
              print('never')
            })
            throw 'at once'
          })
        } catch (error) {
          print(shown(error))
        }
        print(child?.cancelled())
      },
      async async(print) {
        let child: Task<void> | undefined
        try {
          await taskGroup((group) => {
            child = group.createTask(async () => {
              print('never')
            })
            throw 'at once'
          })
        } catch (error) {
          print(shown(error))
        }
        print(child?.cancelled())
      },
    },
  )

  bothSpellings(
    'of a child that the body awaits cancels the body, and comes out once',
    ['body CancelledError', 'ExceptionGroup[boom] requests 0'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            const child = group.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
            try {
              yield* child
            } catch (error) {
              print('body', error)
              throw error
            }
          })
        } catch (error) {
          print(shown(error), 'requests', requests())
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            const child = group.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
            try {
              await child
            } catch (error) {
              print('body', error)
              throw error
            }
          })
        } catch (error) {
          print(shown(error), 'requests', requests())
        }
      },
    },
  )

  bothSpellings(
    'that makes the body fail in its clean-up leaves both',
    ['ExceptionGroup[boom, body in its clean-up]'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            group.createTask(function* () {
              yield
              throw 'boom'
            })
            try {
              yield* sleep(1000)
            } catch {
              throw 'body in its clean-up'
            }
          })
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            group.createTask(async () => {
              await sleep(0)
              throw 'boom'
            })
            try {
              await sleep(1000)
            } catch {
              throw 'body in its clean-up'
            }
          })
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )

  bothSpellings(
    'is not undone by a body that swallows its cancellation',
    ['body goes on', 'ExceptionGroup[boom] at 15 requests 0'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            group.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
            try {
              yield* sleep(1000)
            } catch {}
            print('body goes on')
            yield* sleep(10)
            return 'result'
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            group.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
            try {
              await sleep(1000)
            } catch {}
            print('body goes on')
            await sleep(10)
            return 'result'
          })
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
    },
  )
})

describe("onError: 'collect'", () => {
  bothSpellings(
    'the others go on, and the errors come out together',
    ['good done at 20', 'body done at 25', 'ExceptionGroup[a, b] at 25 requests 0'],
    {
      *generator(print) {
        const fail = function* (what: string, ms: number) {
          yield* sleep(ms)
          throw what
        }
        try {
          yield* taskGroup(
            function* (group) {
              group.createTask(fail, 'b', 10)
              group.createTask(fail, 'a', 5)
              group.createTask(function* () {
                yield* sleep(20)
                print('good done at', now())
              })
              yield* sleep(25)
              print('body done at', now())
            },
            { onError: 'collect' },
          )
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
      async async(print) {
        const fail = async (what: string, ms: number) => {
          await sleep(ms)
          throw what
        }
        try {
          await taskGroup(
            async (group) => {
              group.createTask(fail, 'b', 10)
              group.createTask(fail, 'a', 5)
              group.createTask(async () => {
                await sleep(20)
                print('good done at', now())
              })
              await sleep(25)
              print('body done at', now())
            },
            { onError: 'collect' },
          )
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
    },
  )

  bothSpellings(
    'an error of the body leaves the children running, which may bring children still',
    ['child done at 20', 'grandchild done at 30', 'ExceptionGroup[body] at 30'],
    {
      *generator(print) {
        try {
          yield* taskGroup(
            function* (group) {
              group.createTask(function* () {
                yield* sleep(20)
                print('child done at', now())
                group.createTask(function* () {
                  yield* sleep(10)
                  print('grandchild done at', now())
                })
              })
              yield* sleep(5)
              throw 'body'
            },
            { onError: 'collect' },
          )
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
      async async(print) {
        try {
          await taskGroup(
            async (group) => {
              group.createTask(async () => {
                await sleep(20)
                print('child done at', now())
                group.createTask(async () => {
                  await sleep(10)
                  print('grandchild done at', now())
                })
              })
              await sleep(5)
              throw 'body'
            },
            { onError: 'collect' },
          )
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
    },
  )

  bothSpellings(
    'a cancellation from outside stops all of them all the same',
    ['child cancelled at 10', 'ExceptionGroup[boom] at 10 requests 1', 'CancelledError'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* taskGroup(
              function* (group) {
                group.createTask(function* () {
                  yield* sleep(5)
                  throw 'boom'
                })
                group.createTask(function* () {
                  try {
                    yield* sleep(1000)
                  } finally {
                    print('child cancelled at', now())
                  }
                })
                yield* sleep(1000)
              },
              { onError: 'collect' },
            )
          } catch (error) {
            print(shown(error), 'at', now(), 'requests', requests())
          }
          try {
            yield* sleep(0)
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
          try {
            await taskGroup(
              async (group) => {
                group.createTask(async () => {
                  await sleep(5)
                  throw 'boom'
                })
                group.createTask(async () => {
                  try {
                    await sleep(1000)
                  } finally {
                    print('child cancelled at', now())
                  }
                })
                await sleep(1000)
              },
              { onError: 'collect' },
            )
          } catch (error) {
            print(shown(error), 'at', now(), 'requests', requests())
          }
          try {
            await sleep(0)
          } catch (error) {
            print(error)
          }
        })
        await sleep(10)
        task.cancel()
        await task
      },
    },
  )
})

describe('cancelled from outside', () => {
  bothSpellings(
    'while it waits: cancels the children, waits for their clean-up, and lets the CancelledError out',
    ['child cleans at 5', 'child cleaned at 15', 'CancelledError requests 1 at 15', 'cancelled true'],
    {
      *generator(print) {
        const parent = createTask(function* () {
          try {
            yield* taskGroup((group) => {
              group.createTask(function* () {
                try {
                  yield* sleep(1000)
                } finally {
                  print('child cleans at', now())
                  yield* sleep(10)
                  print('child cleaned at', now())
                }
              })
            })
          } catch (error) {
            print(error, 'requests', requests(), 'at', now())
            throw error
          }
        })
        yield* sleep(5)
        parent.cancel()
        yield* sleep(100)
        print('cancelled', parent.cancelled())
      },
      async async(print) {
        const parent = createTask(async () => {
          try {
            await taskGroup((group) => {
              group.createTask(async () => {
                try {
                  await sleep(1000)
                } finally {
                  print('child cleans at', now())
                  await sleep(10)
                  print('child cleaned at', now())
                }
              })
            })
          } catch (error) {
            print(error, 'requests', requests(), 'at', now())
            throw error
          }
        })
        await sleep(5)
        parent.cancel()
        await sleep(100)
        print('cancelled', parent.cancelled())
      },
    },
  )

  bothSpellings(
    'while the body runs: the body and the children are cancelled',
    ['body cancelled at 5', 'child cancelled at 5', 'CancelledError requests 1 at 5', 'cancelled true'],
    {
      *generator(print) {
        const waits = function* (name: string): Coroutine {
          try {
            yield* sleep(1000)
          } finally {
            print(name, 'cancelled at', now())
          }
        }
        const parent = createTask(function* () {
          try {
            yield* taskGroup(function* (group) {
              group.createTask(waits, 'child')
              yield* waits('body')
            })
          } catch (error) {
            print(error, 'requests', requests(), 'at', now())
            throw error
          }
        })
        yield* sleep(5)
        parent.cancel()
        yield* sleep(100)
        print('cancelled', parent.cancelled())
      },
      async async(print) {
        const waits = async (name: string) => {
          try {
            await sleep(1000)
          } finally {
            print(name, 'cancelled at', now())
          }
        }
        const parent = createTask(async () => {
          try {
            await taskGroup(async (group) => {
              group.createTask(waits, 'child')
              await waits('body')
            })
          } catch (error) {
            print(error, 'requests', requests(), 'at', now())
            throw error
          }
        })
        await sleep(5)
        parent.cancel()
        await sleep(100)
        print('cancelled', parent.cancelled())
      },
    },
  )

  bothSpellings(
    'with a child that fails in its clean-up: the errors come first, the cancellation at the next await',
    ['ExceptionGroup[clean-up] requests 1', 'CancelledError requests 1', 'cancelled true'],
    {
      *generator(print) {
        const parent = createTask(function* () {
          try {
            yield* taskGroup((group) => {
              group.createTask(function* () {
                try {
                  yield* sleep(1000)
                } catch {
                  throw 'clean-up'
                }
              })
            })
          } catch (error) {
            print(shown(error), 'requests', requests())
          }
          try {
            yield* sleep(0)
          } catch (error) {
            print(error, 'requests', requests())
            throw error
          }
        })
        yield* sleep(5)
        parent.cancel()
        yield* sleep(5)
        print('cancelled', parent.cancelled())
      },
      async async(print) {
        const parent = createTask(async () => {
          try {
            await taskGroup((group) => {
              group.createTask(async () => {
                try {
                  await sleep(1000)
                } catch {
                  throw 'clean-up'
                }
              })
            })
          } catch (error) {
            print(shown(error), 'requests', requests())
          }
          try {
            await sleep(0)
          } catch (error) {
            print(error, 'requests', requests())
            throw error
          }
        })
        await sleep(5)
        parent.cancel()
        await sleep(5)
        print('cancelled', parent.cancelled())
      },
    },
  )

  for (const [order, cancelFirst] of [
    ['cancelled first', true],
    ['failed first', false],
  ] as const) {
    bothSpellings(
      `at the instant a child fails: the error comes out, and the cancellation is not lost (${order})`,
      ['ExceptionGroup[boom] requests 1', 'CancelledError', 'cancelled true'],
      {
        *generator(print) {
          const loop = getRunningLoop()
          const parent = createTask(function* () {
            try {
              yield* taskGroup(function* (group) {
                const signal = new Future()
                const cancel = () => parent.cancel()
                if (cancelFirst) loop.callAt(10, cancel)
                loop.callAt(10, () => signal.setResult(0))
                if (!cancelFirst) loop.callAt(10, () => loop.callSoon(() => loop.callSoon(cancel)))
                group.createTask(function* () {
                  try {
                    yield* signal
                  } catch {}
                  throw 'boom'
                })
                yield* sleep(1000)
              })
            } catch (error) {
              print(shown(error), 'requests', requests())
            }
            try {
              yield* sleep(0)
            } catch (error) {
              print(error)
              throw error
            }
          })
          yield* sleep(50)
          print('cancelled', parent.cancelled())
        },
        async async(print) {
          const loop = getRunningLoop()
          const parent = createTask(async () => {
            try {
              await taskGroup(async (group) => {
                const signal = new Future()
                const cancel = () => parent.cancel()
                if (cancelFirst) loop.callAt(10, cancel)
                loop.callAt(10, () => signal.setResult(0))
                if (!cancelFirst) loop.callAt(10, () => loop.callSoon(() => loop.callSoon(cancel)))
                group.createTask(async () => {
                  try {
                    await signal
                  } catch {}
                  throw 'boom'
                })
                await sleep(1000)
              })
            } catch (error) {
              print(shown(error), 'requests', requests())
            }
            try {
              await sleep(0)
            } catch (error) {
              print(error)
              throw error
            }
          })
          await sleep(50)
          print('cancelled', parent.cancelled())
        },
      },
    )
  }

  bothSpellings(
    'while it is aborting because of an error: the cancellation comes at the next await',
    ['sibling cleaned at 25', 'ExceptionGroup[boom] requests 1 at 25', 'CancelledError', 'cancelled true'],
    {
      *generator(print) {
        const parent = createTask(function* () {
          try {
            yield* taskGroup((group) => {
              group.createTask(function* () {
                yield* sleep(5)
                throw 'boom'
              })
              group.createTask(function* () {
                try {
                  yield* sleep(1000)
                } finally {
                  yield* sleep(20)
                  print('sibling cleaned at', now())
                }
              })
            })
          } catch (error) {
            print(shown(error), 'requests', requests(), 'at', now())
          }
          try {
            yield* sleep(0)
          } catch (error) {
            print(error)
            throw error
          }
        })
        yield* sleep(10)
        parent.cancel()
        yield* sleep(100)
        print('cancelled', parent.cancelled())
      },
      async async(print) {
        const parent = createTask(async () => {
          try {
            await taskGroup((group) => {
              group.createTask(async () => {
                await sleep(5)
                throw 'boom'
              })
              group.createTask(async () => {
                try {
                  await sleep(1000)
                } finally {
                  await sleep(20)
                  print('sibling cleaned at', now())
                }
              })
            })
          } catch (error) {
            print(shown(error), 'requests', requests(), 'at', now())
          }
          try {
            await sleep(0)
          } catch (error) {
            print(error)
            throw error
          }
        })
        await sleep(10)
        parent.cancel()
        await sleep(100)
        print('cancelled', parent.cancelled())
      },
    },
  )

  bothSpellings(
    'by a timeout around it: TimeoutError, and nothing left over',
    ['child cancelled at 10', 'TimeoutError requests 0 at 10', 'slept at 15'],
    {
      *generator(print) {
        try {
          yield* timeout(10, () =>
            taskGroup((group) => {
              group.createTask(function* () {
                try {
                  yield* sleep(1000)
                } finally {
                  print('child cancelled at', now())
                }
              })
            }),
          )
        } catch (error) {
          print(error, 'requests', requests(), 'at', now())
        }
        yield* sleep(5)
        print('slept at', now())
      },
      async async(print) {
        try {
          await timeout(10, () =>
            taskGroup((group) => {
              group.createTask(async () => {
                try {
                  await sleep(1000)
                } finally {
                  print('child cancelled at', now())
                }
              })
            }),
          )
        } catch (error) {
          print(error, 'requests', requests(), 'at', now())
        }
        await sleep(5)
        print('slept at', now())
      },
    },
  )

  bothSpellings(
    'by a timeout around it while errors come out: the errors have the last word, and nothing is left over',
    ['ExceptionGroup[clean-up] requests 0 at 10', 'slept at 15'],
    {
      *generator(print) {
        try {
          yield* timeout(10, () =>
            taskGroup((group) => {
              group.createTask(function* () {
                try {
                  yield* sleep(1000)
                } catch {
                  throw 'clean-up'
                }
              })
            }),
          )
        } catch (error) {
          print(shown(error), 'requests', requests(), 'at', now())
        }
        yield* sleep(5)
        print('slept at', now())
      },
      async async(print) {
        try {
          await timeout(10, () =>
            taskGroup((group) => {
              group.createTask(async () => {
                try {
                  await sleep(1000)
                } catch {
                  throw 'clean-up'
                }
              })
            }),
          )
        } catch (error) {
          print(shown(error), 'requests', requests(), 'at', now())
        }
        await sleep(5)
        print('slept at', now())
      },
    },
  )

  bothSpellings(
    'a group in the clean-up of a cancelled task works as anywhere',
    ['child done', 'ExceptionGroup[boom] requests 1', 'cancelled true'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* sleep(1000)
          } finally {
            yield* taskGroup((group) => {
              group.createTask(function* () {
                yield* sleep(5)
                print('child done')
              })
            })
            try {
              yield* taskGroup(function* (group) {
                group.createTask(function* () {
                  yield* sleep(5)
                  throw 'boom'
                })
                yield* sleep(1000)
              })
            } catch (error) {
              print(shown(error), 'requests', requests())
            }
          }
        })
        yield* sleep(5)
        task.cancel()
        yield* sleep(50)
        print('cancelled', task.cancelled())
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await sleep(1000)
          } finally {
            await taskGroup((group) => {
              group.createTask(async () => {
                await sleep(5)
                print('child done')
              })
            })
            try {
              await taskGroup(async (group) => {
                group.createTask(async () => {
                  await sleep(5)
                  throw 'boom'
                })
                await sleep(1000)
              })
            } catch (error) {
              print(shown(error), 'requests', requests())
            }
          }
        })
        await sleep(5)
        task.cancel()
        await sleep(50)
        print('cancelled', task.cancelled())
      },
    },
  )
})

describe('nested', () => {
  bothSpellings(
    'an inner failure comes out of the outer group as a group in a group, and stops the outer siblings',
    ['inner sibling stopped', 'outer sibling stopped', 'ExceptionGroup[ExceptionGroup[boom]] requests 0'],
    {
      *generator(print) {
        const waits = function* (name: string) {
          try {
            yield* sleep(1000)
          } finally {
            print(name, 'stopped')
          }
        }
        try {
          yield* taskGroup(function* (outer) {
            outer.createTask(waits, 'outer sibling')
            yield* taskGroup((inner) => {
              inner.createTask(waits, 'inner sibling')
              inner.createTask(function* () {
                yield* sleep(5)
                throw 'boom'
              })
            })
          })
        } catch (error) {
          print(shown(error), 'requests', requests())
        }
      },
      async async(print) {
        const waits = async (name: string) => {
          try {
            await sleep(1000)
          } finally {
            print(name, 'stopped')
          }
        }
        try {
          await taskGroup(async (outer) => {
            outer.createTask(waits, 'outer sibling')
            await taskGroup((inner) => {
              inner.createTask(waits, 'inner sibling')
              inner.createTask(async () => {
                await sleep(5)
                throw 'boom'
              })
            })
          })
        } catch (error) {
          print(shown(error), 'requests', requests())
        }
      },
    },
  )

  bothSpellings(
    'an inner failure that is caught leaves the outer group alone',
    ['ExceptionGroup[boom]', 'outer sibling done at 20', 'result requests 0'],
    {
      *generator(print) {
        const result = yield* taskGroup(function* (outer) {
          outer.createTask(function* () {
            yield* sleep(20)
            print('outer sibling done at', now())
          })
          try {
            yield* taskGroup((inner) => {
              inner.createTask(function* () {
                yield* sleep(5)
                throw 'boom'
              })
            })
          } catch (error) {
            print(shown(error))
          }
          return 'result'
        })
        print(result, 'requests', requests())
      },
      async async(print) {
        const result = await taskGroup(async (outer) => {
          outer.createTask(async () => {
            await sleep(20)
            print('outer sibling done at', now())
          })
          try {
            await taskGroup((inner) => {
              inner.createTask(async () => {
                await sleep(5)
                throw 'boom'
              })
            })
          } catch (error) {
            print(shown(error))
          }
          return 'result'
        })
        print(result, 'requests', requests())
      },
    },
  )

  bothSpellings(
    'a failing child of the outer group cancels the inner one, which does not swallow it',
    ['inner child stopped at 5', 'inner CancelledError', 'ExceptionGroup[boom] requests 0'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (outer) {
            outer.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
            try {
              yield* taskGroup((inner) => {
                inner.createTask(function* () {
                  try {
                    yield* sleep(1000)
                  } finally {
                    print('inner child stopped at', now())
                  }
                })
              })
              print('never')
            } catch (error) {
              print('inner', error)
              throw error
            }
          })
        } catch (error) {
          print(shown(error), 'requests', requests())
        }
      },
      async async(print) {
        try {
          await taskGroup(async (outer) => {
            outer.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
            try {
              await taskGroup((inner) => {
                inner.createTask(async () => {
                  try {
                    await sleep(1000)
                  } finally {
                    print('inner child stopped at', now())
                  }
                })
              })
              print('never')
            } catch (error) {
              print('inner', error)
              throw error
            }
          })
        } catch (error) {
          print(shown(error), 'requests', requests())
        }
      },
    },
  )

  for (const [order, innerFirst] of [
    ['inner first', true],
    ['outer first', false],
  ] as const) {
    bothSpellings(
      `both fail at the same instant: both errors come out (${order})`,
      ['ExceptionGroup[outer, ExceptionGroup[inner]] requests 0', 'slept'],
      {
        *generator(print) {
          const fail = function* (what: string, signal: Future) {
            yield* signal
            throw what
          }
          const [one, two] = [new Future(), new Future()]
          getRunningLoop().callLater(5, () => {
            for (const signal of innerFirst ? [two, one] : [one, two]) signal.setResult(0)
          })
          try {
            yield* taskGroup(function* (outer) {
              outer.createTask(fail, 'outer', one)
              yield* taskGroup(function* (inner) {
                inner.createTask(fail, 'inner', two)
                yield* sleep(1000)
              })
            })
          } catch (error) {
            print(shown(error), 'requests', requests())
          }
          yield* sleep(5)
          print('slept')
        },
        async async(print) {
          const fail = async (what: string, signal: Future) => {
            await signal
            throw what
          }
          const [one, two] = [new Future(), new Future()]
          getRunningLoop().callLater(5, () => {
            for (const signal of innerFirst ? [two, one] : [one, two]) signal.setResult(0)
          })
          try {
            await taskGroup(async (outer) => {
              outer.createTask(fail, 'outer', one)
              await taskGroup(async (inner) => {
                inner.createTask(fail, 'inner', two)
                await sleep(1000)
              })
            })
          } catch (error) {
            print(shown(error), 'requests', requests())
          }
          await sleep(5)
          print('slept')
        },
      },
    )
  }
})

describe('late children', () => {
  bothSpellings(
    'are refused once the group is over, while it shuts down, and when the last child is gone',
    ['while aborting: InvalidStateError', 'once it is over: InvalidStateError'],
    {
      *generator(print) {
        const late = (group: TaskGroup | undefined, when: string) => {
          try {
            group?.createTask(function* () {
              print('never')
            })
          } catch (error) {
            print(when, error)
          }
        }
        let own: TaskGroup | undefined
        try {
          yield* taskGroup((group) => {
            own = group
            group.createTask(function* () {
              try {
                yield* sleep(1000)
              } finally {
                late(group, 'while aborting:')
              }
            })
            group.createTask(function* () {
              yield
              throw 'boom'
            })
          })
        } catch {
          late(own, 'once it is over:')
        }
      },
      async async(print) {
        const late = (group: TaskGroup | undefined, when: string) => {
          try {
            group?.createTask(async () => {
              print('never')
            })
          } catch (error) {
            print(when, error)
          }
        }
        let own: TaskGroup | undefined
        try {
          await taskGroup((group) => {
            own = group
            group.createTask(async () => {
              try {
                await sleep(1000)
              } finally {
                late(group, 'while aborting:')
              }
            })
            group.createTask(async () => {
              await sleep(0)
              throw 'boom'
            })
          })
        } catch {
          late(own, 'once it is over:')
        }
      },
    },
  )

  test('are closed, so that nothing is reported as never awaited', async () => {
    const trace = await traceOf(function* (print) {
      const group = yield* taskGroup((own) => own)
      const coroutine = (function* () {
        yield
      })()
      const lazy = call(() => 'x')
      for (const target of [coroutine, lazy] as Startable<unknown>[]) {
        try {
          group.createTask(target)
        } catch (error) {
          print((error as Error).message)
        }
        try {
          group.createTask({ name: 'named' }, target)
        } catch (error) {
          print(error)
        }
      }
      print('closed', coroutine.next().done)
    })
    const refusal = 'The task group is finished, and takes no more children.'
    expect(trace).toEqual([refusal, 'InvalidStateError', refusal, 'InvalidStateError', 'closed true'])
  })

  test('are refused before the group is entered', () => {
    const group = new TaskGroup({})
    expect(() => group.createTask(function* () {})).toThrow(
      expect.objectContaining({
        code: 'POLVO_INVALID_STATE',
        message: expect.stringContaining('not been entered'),
      }),
    )
  })
})

describe('a child that will not stop', () => {
  bothSpellings(
    'is told again and then ended, so that the group ends',
    [
      'swallowed',
      'report: it was cancelled 100 ms ago, is still running, and is told again',
      'swallowed',
      'report: it was told again 100 ms ago, is still running, and is ended',
      'ExceptionGroup[boom] true',
    ],
    {
      *generator(print) {
        getRunningLoop().setExceptionHandler((_, { message }) => {
          print('report:', message.replace(/^\S+ swallows its cancellation: /, ''))
        })
        try {
          yield* taskGroup((group) => {
            group.createTask(function* () {
              for (;;) {
                try {
                  for (;;) yield* sleep(10)
                } catch {
                  print('swallowed')
                }
              }
            })
            group.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error), now() >= 205 && now() <= 230)
        }
      },
      async async(print) {
        getRunningLoop().setExceptionHandler((_, { message }) => {
          print('report:', message.replace(/^\S+ swallows its cancellation: /, ''))
        })
        try {
          await taskGroup((group) => {
            group.createTask(async () => {
              for (;;) {
                try {
                  for (;;) await sleep(10)
                } catch {
                  print('swallowed')
                }
              }
            })
            group.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error), now() >= 205 && now() <= 230)
        }
      },
    },
    { cancelGrace: 100 },
  )
})

describe('misuse', () => {
  test('refuses a body that is no function', () => {
    for (const wrong of [undefined, 5, Promise.resolve(), (function* () {})()]) {
      expect(() => taskGroup(wrong as never)).toThrow(
        expect.objectContaining({ code: 'POLVO_MISUSE', message: expect.stringContaining('taskGroup()') }),
      )
    }
  })

  test('refuses an unknown onError', async () => {
    const trace = await traceOf(function* (print) {
      try {
        yield* taskGroup(() => {}, { onError: 'ignore' as never })
      } catch (error) {
        print(error, (error as { code: string }).code)
      }
    })
    expect(trace).toEqual(['TypeError POLVO_MISUSE'])
  })

  bothSpellings('serves one await', ['1', 'InvalidStateError'], {
    *generator(print) {
      const once = taskGroup(() => 1)
      print(yield* once)
      try {
        yield* once
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const once = taskGroup(() => 1)
      print(await once)
      try {
        await once
      } catch (error) {
        print(error)
      }
    },
  })

  test('is reported by name when it is never awaited', async () => {
    const trace = await traceOf(function* (print) {
      taskGroup(() => print('never'))
      yield
    })
    expect(trace).toEqual([
      expect.stringMatching(/^report: taskGroup\(anonymous\(\)\) was created and never awaited/),
    ])
  })

  test('shows its state', async () => {
    const trace = await traceOf(function* (print) {
      print(new TaskGroup({}))
      const group = yield* taskGroup(function* (own) {
        own.createTask(() => sleep(5))
        print(own)
        return own
      })
      print(group)
    })
    expect(trace).toEqual([
      '<TaskGroup new children=0 errors=0>',
      '<TaskGroup open children=1 errors=0>',
      '<TaskGroup over children=0 errors=0>',
    ])
  })
})

describe('random trees of groups, timeouts, failures and cancellations', () => {
  /** A piece of a program, to be run in either spelling. */
  type Piece =
    | { kind: 'sleep'; id: number; ms: number; cleanUp: number }
    | { kind: 'fail'; id: number; ms: number }
    | { kind: 'group'; id: number; children: Piece[]; body: Piece; collect: boolean }
    | { kind: 'timeout'; id: number; ms: number; body: Piece }
    | { kind: 'catch'; id: number; body: Piece }

  function randomPiece(random: () => number, depth: number): Piece {
    const id = Math.floor(random() * 1000)
    const ms = Math.floor(random() * 8)
    const dice = depth === 0 ? random() * 0.4 : random()
    const piece = () => randomPiece(random, depth - 1)
    if (dice < 0.3) return { kind: 'sleep', id, ms, cleanUp: Math.floor(random() * 4) }
    if (dice < 0.4) return { kind: 'fail', id, ms }
    if (dice < 0.7) {
      const children = Array.from({ length: Math.floor(random() * 4) }, piece)
      return { kind: 'group', id, children, body: piece(), collect: random() < 0.3 }
    }
    if (dice < 0.85) return { kind: 'timeout', id, ms, body: piece() }
    return { kind: 'catch', id, body: piece() }
  }

  function* runPiece(piece: Piece, print: Print): Coroutine {
    print('begin', piece.kind, piece.id, now())
    try {
      switch (piece.kind) {
        case 'sleep':
          try {
            yield* sleep(piece.ms)
          } finally {
            yield* sleep(piece.cleanUp)
          }
          break
        case 'fail':
          yield* sleep(piece.ms)
          throw `failure ${piece.id}`
        case 'group':
          yield* taskGroup(
            function* (group) {
              for (const child of piece.children) group.createTask(runPiece, child, print)
              yield* runPiece(piece.body, print)
            },
            { onError: piece.collect ? 'collect' : 'cancel' },
          )
          break
        case 'timeout':
          yield* timeout(piece.ms, () => runPiece(piece.body, print))
          break
        case 'catch':
          try {
            yield* runPiece(piece.body, print)
          } catch (error) {
            if (isCancelled(error)) throw error
            print('caught', shown(error))
          }
          yield* checkpoint(print)
      }
    } catch (error) {
      print('error', piece.kind, piece.id, now(), shown(error), requests())
      throw error
    } finally {
      print('end', piece.kind, piece.id, now())
    }
  }

  function* checkpoint(print: Print): Coroutine {
    try {
      yield* sleep(0)
    } catch (error) {
      if (requests() === 0) print('cancelled without a request')
      throw error
    }
  }

  async function runPieceAsync(piece: Piece, print: Print): Promise<void> {
    print('begin', piece.kind, piece.id, now())
    try {
      switch (piece.kind) {
        case 'sleep':
          try {
            await sleep(piece.ms)
          } finally {
            await sleep(piece.cleanUp)
          }
          break
        case 'fail':
          await sleep(piece.ms)
          throw `failure ${piece.id}`
        case 'group':
          await taskGroup(
            async (group) => {
              for (const child of piece.children) group.createTask(runPieceAsync, child, print)
              await runPieceAsync(piece.body, print)
            },
            { onError: piece.collect ? 'collect' : 'cancel' },
          )
          break
        case 'timeout':
          await timeout(piece.ms, () => runPieceAsync(piece.body, print))
          break
        case 'catch':
          try {
            await runPieceAsync(piece.body, print)
          } catch (error) {
            if (isCancelled(error)) throw error
            print('caught', shown(error))
          }
          await checkpointAsync(print)
      }
    } catch (error) {
      print('error', piece.kind, piece.id, now(), shown(error), requests())
      throw error
    } finally {
      print('end', piece.kind, piece.id, now())
    }
  }

  async function checkpointAsync(print: Print): Promise<void> {
    try {
      await sleep(0)
    } catch (error) {
      if (requests() === 0) print('cancelled without a request')
      throw error
    }
  }

  test('leave nothing running, balance their requests, and go the same way in both spellings', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed)
      const tree = randomPiece(random, 4)
      const cancelAt = random() < 0.5 ? Math.floor(random() * 12) : null
      const generator = await traceOf(function* (print) {
        const task = createTask(function* () {
          try {
            yield* runPiece(tree, print)
          } finally {
            print('requests', requests())
            if (requests() === 0) yield* checkpoint(print)
          }
        })
        if (cancelAt !== null) getRunningLoop().callAt(cancelAt, () => print('cancel', task.cancel()))
        try {
          yield* task
        } catch (error) {
          print('over', shown(error))
        }
        print('last line', now())
        yield* sleep(1000)
      })
      const async = await traceOf(async (print) => {
        const task = createTask(async () => {
          try {
            await runPieceAsync(tree, print)
          } finally {
            print('requests', requests())
            if (requests() === 0) await checkpointAsync(print)
          }
        })
        if (cancelAt !== null) getRunningLoop().callAt(cancelAt, () => print('cancel', task.cancel()))
        try {
          await task
        } catch (error) {
          print('over', shown(error))
        }
        print('last line', now())
        await sleep(1000)
      })
      const program = `seed ${seed}, cancelled at ${cancelAt}: ${JSON.stringify(tree)}`
      expect(async, program).toEqual(generator)
      const count = (word: string) => generator.filter((line) => line.startsWith(word)).length
      expect(count('begin'), `${program}: what began has ended`).toBe(count('end'))
      expect(
        generator.at(-1)?.startsWith('last line') || generator.at(-1)?.startsWith('cancel false'),
        program,
      ).toBe(true)
      expect(generator, program).not.toContain('cancelled without a request')
      const [cancelled, counted] = [
        generator.indexOf('cancel true'),
        generator.findIndex((line) => line.startsWith('requests')),
      ]
      const wasCancelled = cancelled !== -1 && cancelled < counted
      expect(generator, `${program}: requests`).toContain(`requests ${wasCancelled ? 1 : 0}`)
    }
  })
})

test('what a group refuses is closed, and not reported as forgotten', async () => {
  const trace = await traceOf(function* (print) {
    const group = yield* taskGroup((group) => group)
    for (const refuse of [
      () => group.createTask(sleep(1)),
      () => group.createTask({ name: 'one' }, sleep(1)),
      () => group.createTask(call(sleep, 1)),
      () => group.createTask({ name: 'two' }, call(sleep, 1)),
    ]) {
      try {
        refuse()
      } catch (error) {
        print(error)
      }
    }
    yield
  })
  expect(trace).toEqual(Array(4).fill('InvalidStateError'))
})

test('a group that was not entered belongs to no task', () => {
  expect(() => new TaskGroup().task).toThrow(/was not entered yet/)
})

bothSpellings(
  'a child that outlives a group that was ended, and fails then, is reported',
  ['TimeoutError at 50', 'report: Exception in a child of a task group that was ended Error', 'true'],
  {
    *generator(print) {
      createTask(function* () {
        for (let i = 0; i < 120; i++) yield* sleep(1)
      })
      let child: Task<unknown> | null = null
      try {
        yield* timeout(10, () =>
          taskGroup(function* (group) {
            child = group.createTask(function* () {
              for (let i = 0; i < 80; i++) {
                try {
                  yield* sleep(1)
                } catch {}
              }
              throw new Error('late')
            })
            for (;;) {
              try {
                yield* sleep(300)
              } catch {}
            }
          }),
        )
      } catch (error) {
        print(error, 'at', now())
      }
      getRunningLoop().setExceptionHandler((_, { message, exception }) => {
        if (exception !== undefined) print('report:', message, exception)
      })
      yield* sleep(60)
      print((child as Task<unknown> | null)?.done())
    },
    async async(print) {
      createTask(async () => {
        for (let i = 0; i < 120; i++) await sleep(1)
      })
      let child: Task<unknown> | null = null
      try {
        await timeout(10, () =>
          taskGroup(async (group) => {
            child = group.createTask(async () => {
              for (let i = 0; i < 80; i++) {
                try {
                  await sleep(1)
                } catch {}
              }
              throw new Error('late')
            })
            for (;;) {
              try {
                await sleep(300)
              } catch {}
            }
          }),
        )
      } catch (error) {
        print(error, 'at', now())
      }
      getRunningLoop().setExceptionHandler((_, { message, exception }) => {
        if (exception !== undefined) print('report:', message, exception)
      })
      await sleep(60)
      print((child as Task<unknown> | null)?.done())
    },
  },
  { cancelGrace: 20, hideReports: true },
)

bothSpellings(
  'a group whose body has ended waits for the clean-up of its children, beyond its own grace',
  ['cleaned up at 105', 'ExceptionGroup[RangeError] at 105'],
  {
    *generator(print) {
      try {
        yield* taskGroup((group) => {
          group.createTask(function* () {
            yield* sleep(5)
            throw new RangeError('boom')
          })
          group.createTask(function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* cleanup(200, () => sleep(100))
              print('cleaned up at', now())
            }
          })
        })
      } catch (error) {
        print(shown(error), 'at', now())
      }
    },
    async async(print) {
      try {
        await taskGroup((group) => {
          group.createTask(async () => {
            await sleep(5)
            throw new RangeError('boom')
          })
          group.createTask(async () => {
            try {
              await sleep(1000)
            } finally {
              await cleanup(200, async () => {
                await sleep(100)
              })
              print('cleaned up at', now())
            }
          })
        })
      } catch (error) {
        print(shown(error), 'at', now())
      }
    },
  },
  { cancelGrace: 20 },
)

test('children are cancelled once, however many of the others fail', async () => {
  for (const bodyFails of [true, false]) {
    const trace = await traceOf(function* (print) {
      const failing = function* (ms: number) {
        try {
          yield* sleep(ms)
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
          throw new RangeError('boom')
        }
      }
      try {
        yield* taskGroup(function* (group) {
          for (const ms of [5, 100]) group.createTask(failing, ms)
          const last = group.createTask(function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* sleep(10)
              print('requests', last.cancelling())
            }
          })
          yield
          if (bodyFails) throw new RangeError('body')
        })
      } catch (error) {
        print(shown(error))
      }
    })
    const errors = Array(bodyFails ? 3 : 2).fill('RangeError')
    expect(trace).toEqual(['requests 1', `ExceptionGroup[${errors.join(', ')}]`])
  }
})

test('the loop forgets a group that is over', async () => {
  const trace = await traceOf(
    function* (print) {
      createTask(function* () {
        for (let i = 0; i < 120; i++) yield* sleep(1)
      })
      const groups = () => getRunningLoop()._groups.size
      yield* taskGroup(function* (group) {
        group.createTask(sleep, 5)
        print(groups())
      })
      print(groups())
      yield* taskGroup(function* () {})
      print(groups())
      const stubborn = function* (ms: number) {
        for (const end = now() + ms; now() < end; ) {
          try {
            yield* sleep(1)
          } catch {}
        }
      }
      try {
        yield* timeout(10, () =>
          taskGroup(function* (group) {
            group.createTask(stubborn, 60)
            yield* stubborn(1000)
          }),
        )
      } catch (error) {
        print(error, groups())
      }
      yield* sleep(20)
      print(groups())
    },
    { cancelGrace: 20, hideReports: true },
  )
  expect(trace).toEqual(['1', '0', '0', 'TimeoutError 1', '0'])
})
