/** `group.start`: a child that says when it is ready. */
import {
  type Coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  getRunningLoop,
  type Started,
  sleep,
  type Task,
  TaskGroup,
  taskGroup,
  timeout,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { shown } from '../support/errors.ts'
import { now, requests } from '../support/here.ts'
import { neverAwaited } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** Is ready at 10, serves up to 50. */
function* serve(started: Started<number>, port: number, print: Print): Coroutine {
  print('starting at', now())
  yield* sleep(10)
  started(port)
  try {
    yield* sleep(40)
  } catch (error) {
    print('server', error, 'at', now())
    throw error
  }
  print('served at', now())
}

async function serveAsync(started: Started<number>, port: number, print: Print): Promise<void> {
  print('starting at', now())
  await sleep(10)
  started(port)
  try {
    await sleep(40)
  } catch (error) {
    print('server', error, 'at', now())
    throw error
  }
  print('served at', now())
}

describe('a child that starts', () => {
  bothSpellings(
    'is waited for until it says so, with what it says; then it goes on as a child like any other',
    ['starting at 0', 'port 80 at 10', 'served at 50', 'group over at 50'],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          const port = yield* group.start(serve, 80, print)
          print('port', port, 'at', now())
        })
        print('group over at', now())
      },
      async async(print) {
        await taskGroup(async (group) => {
          const port = await group.start(serveAsync, 80, print)
          print('port', port, 'at', now())
        })
        print('group over at', now())
      },
    },
  )

  bothSpellings('may say undefined, or nothing at all', ['undefined', 'undefined'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        for (const start of [
          (started: Started<unknown>) => started(undefined),
          (started: () => void) => started(),
        ]) {
          print(
            yield* group.start(function* (started: Started<unknown>) {
              yield
              start(started as never)
            }),
          )
        }
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        for (const start of [
          (started: Started<unknown>) => started(undefined),
          (started: () => void) => started(),
        ]) {
          print(
            await group.start(async (started: Started<unknown>) => {
              await sleep(0)
              start(started as never)
            }),
          )
        }
      })
    },
  })

  bothSpellings(
    'in its first step, and ends at once, gives its value all the same',
    ['ready', 'group over'],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          print(
            yield* group.start(function* (started: Started<string>) {
              started('ready')
            }),
          )
        })
        print('group over')
      },
      async async(print) {
        await taskGroup(async (group) => {
          print(
            await group.start(async (started: Started<string>) => {
              started('ready')
            }),
          )
        })
        print('group over')
      },
    },
  )

  bothSpellings('is a checkpoint, also where it starts at once', ['true'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        const passes = passCounter()
        yield* group.start(function* (started: Started<void>) {
          started()
        })
        print(passes() > 0)
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        const passes = passCounter()
        await group.start(async (started: Started<void>) => started())
        print(passes() > 0)
      })
    },
  })

  bothSpellings(
    'and fails afterwards cancels the group, as any child does',
    ['ready', 'body CancelledError at 10', 'ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            print(
              yield* group.start(function* (started: Started<string>) {
                started('ready')
                yield* sleep(10)
                throw 'boom'
              }),
            )
            try {
              yield* sleep(100)
            } catch (error) {
              print('body', error, 'at', now())
              throw error
            }
          })
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            print(
              await group.start(async (started: Started<string>) => {
                started('ready')
                await sleep(10)
                throw 'boom'
              }),
            )
            try {
              await sleep(100)
            } catch (error) {
              print('body', error, 'at', now())
              throw error
            }
          })
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )

  bothSpellings('may be started by another child of the group', ['port 80 at 10', 'group over at 50'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        group.createTask(function* () {
          print('port', yield* group.start(serve, 80, () => {}), 'at', now())
        })
      })
      print('group over at', now())
    },
    async async(print) {
      await taskGroup(async (group) => {
        group.createTask(async () => {
          print('port', await group.start(serveAsync, 80, () => {}), 'at', now())
        })
      })
      print('group over at', now())
    },
  })

  bothSpellings('several start one after the other, or at once', ['1 at 10', '2 at 20', '3,4 at 30'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        print(yield* group.start(serve, 1, () => {}), 'at', now())
        print(yield* group.start(serve, 2, () => {}), 'at', now())
        const both = [3, 4].map((port) => createTask(group.start(serve, port, () => {})))
        yield* wait(both)
        print(both.map((task) => task.result()).join(), 'at', now())
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        print(await group.start(serveAsync, 1, () => {}), 'at', now())
        print(await group.start(serveAsync, 2, () => {}), 'at', now())
        const both = [3, 4].map((port) => createTask(group.start(serveAsync, port, () => {})))
        await wait(both)
        print(both.map((task) => task.result()).join(), 'at', now())
      })
    },
  })

  bothSpellings(
    'works with eager tasks, for which it is no checkpoint where they start at once',
    ['ready', 'group over'],
    {
      *generator(print) {
        getRunningLoop().setTaskFactory(eagerTaskFactory)
        yield* taskGroup(function* (group) {
          print(
            yield* group.start(function* (started: Started<string>) {
              started('ready')
            }),
          )
        })
        print('group over')
      },
      async async(print) {
        getRunningLoop().setTaskFactory(eagerTaskFactory)
        await taskGroup(async (group) => {
          print(
            await group.start(async (started: Started<string>) => {
              started('ready')
            }),
          )
        })
        print('group over')
      },
    },
  )
})

describe('a child that does not start', () => {
  bothSpellings(
    'but fails, throws its error to the starter as it is; the group goes on',
    ['boom at 10', 'group goes on', 'group over 0'],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          try {
            yield* group.start(function* () {
              yield* sleep(10)
              throw 'boom'
            })
          } catch (error) {
            print(error, 'at', now())
          }
          yield* sleep(5)
          print('group goes on')
        })
        print('group over', requests())
      },
      async async(print) {
        await taskGroup(async (group) => {
          try {
            await group.start(async () => {
              await sleep(10)
              throw 'boom'
            })
          } catch (error) {
            print(error, 'at', now())
          }
          await sleep(5)
          print('group goes on')
        })
        print('group over', requests())
      },
    },
  )

  bothSpellings(
    'and fails, with nobody to catch it, fails the body, and is in the group of errors once',
    ['ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            yield* group.start(function* () {
              yield
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            await group.start(async () => {
              await sleep(0)
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )

  bothSpellings(
    'but returns, is an InvalidStateError that names it',
    ["InvalidStateError task 'server' has ended without calling started()."],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          try {
            yield* group.start(function* () {
              currentTask()?.setName('server')
              yield
            })
          } catch (error) {
            print(error, (error as Error).message)
          }
        })
      },
      async async(print) {
        await taskGroup(async (group) => {
          try {
            await group.start(async () => {
              currentTask()?.setName('server')
              await sleep(0)
            })
          } catch (error) {
            print(error, (error as Error).message)
          }
        })
      },
    },
  )

  bothSpellings(
    'but is cancelled on its own, is a CancelledError for the starter, who was asked nothing',
    ['CancelledError 0', 'group over'],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          try {
            yield* group.start(function* () {
              currentTask()?.cancel()
              yield
            })
          } catch (error) {
            print(error, requests())
          }
        })
        print('group over')
      },
      async async(print) {
        await taskGroup(async (group) => {
          try {
            await group.start(async () => {
              currentTask()?.cancel()
              await sleep(0)
            })
          } catch (error) {
            print(error, requests())
          }
        })
        print('group over')
      },
    },
  )

  bothSpellings(
    'is cancelled with the group when another child fails',
    ['starting CancelledError at 5', 'ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            group.createTask(function* () {
              yield* sleep(5)
              throw 'boom'
            })
            yield* group.start(function* () {
              try {
                yield* sleep(100)
              } catch (error) {
                print('starting', error, 'at', now())
                throw error
              }
            })
          })
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            group.createTask(async () => {
              await sleep(5)
              throw 'boom'
            })
            await group.start(async () => {
              try {
                await sleep(100)
              } catch (error) {
                print('starting', error, 'at', now())
                throw error
              }
            })
          })
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )
})

describe('cancelling the wait', () => {
  bothSpellings(
    'cancels the child, and waits for its clean-up',
    ['child CancelledError at 5', 'cleaned up at 15', 'TimeoutError at 15', 'group over'],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          try {
            yield* timeout(5, () =>
              group.start(function* () {
                try {
                  yield* sleep(100)
                } catch (error) {
                  print('child', error, 'at', now())
                  yield* sleep(10)
                  print('cleaned up at', now())
                  throw error
                }
              }),
            )
          } catch (error) {
            print(error, 'at', now())
          }
        })
        print('group over')
      },
      async async(print) {
        await taskGroup(async (group) => {
          try {
            await timeout(5, () =>
              group.start(async () => {
                try {
                  await sleep(100)
                } catch (error) {
                  print('child', error, 'at', now())
                  await sleep(10)
                  print('cleaned up at', now())
                  throw error
                }
              }),
            )
          } catch (error) {
            print(error, 'at', now())
          }
        })
        print('group over')
      },
    },
  )

  bothSpellings(
    'once the child has started cancels the starter alone',
    ['port 80', 'TimeoutError at 20', 'served at 50'],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          try {
            yield* timeout(20, function* () {
              print('port', yield* group.start(serve, 80, () => {}))
              yield* sleep(100)
            })
          } catch (error) {
            print(error, 'at', now())
          }
        })
        print('served at', now())
      },
      async async(print) {
        await taskGroup(async (group) => {
          try {
            await timeout(20, async () => {
              print('port', await group.start(serveAsync, 80, () => {}))
              await sleep(100)
            })
          } catch (error) {
            print(error, 'at', now())
          }
        })
        print('served at', now())
      },
    },
  )

  bothSpellings(
    'in the very pass in which the child starts hangs nobody: the child ends with the wait',
    ['child CancelledError', 'starter done true', 'group over at 10'],
    {
      *generator(print) {
        yield* timeout(1000, () =>
          taskGroup(function* (group) {
            let started: Started<number> | undefined
            const starter = group.createTask(function* () {
              yield* group.start(function* (start: Started<number>) {
                started = start
                try {
                  yield* sleep(100)
                } catch (error) {
                  print('child', error)
                  throw error
                }
              })
            })
            yield* sleep(10)
            starter.cancel()
            started?.(80)
            yield* wait([starter], { timeout: 100 })
            print('starter done', starter.done())
          }),
        )
        print('group over at', now())
      },
      async async(print) {
        await timeout(1000, () =>
          taskGroup(async (group) => {
            let started: Started<number> | undefined
            const starter = group.createTask(async () => {
              await group.start(async (start: Started<number>) => {
                started = start
                try {
                  await sleep(100)
                } catch (error) {
                  print('child', error)
                  throw error
                }
              })
            })
            await sleep(10)
            starter.cancel()
            started?.(80)
            await wait([starter], { timeout: 100 })
            print('starter done', starter.done())
          }),
        )
        print('group over at', now())
      },
    },
  )

  bothSpellings(
    'just behind the start, in the same pass, hangs nobody either',
    ['starter done true', 'group over'],
    {
      *generator(print) {
        yield* timeout(1000, () =>
          taskGroup(function* (group) {
            let started: Started<number> | undefined
            const starter = group.createTask(function* () {
              yield* group.start(function* (start: Started<number>) {
                started = start
                yield* sleep(100)
              })
            })
            yield* sleep(10)
            started?.(80)
            starter.cancel()
            yield* wait([starter], { timeout: 100 })
            print('starter done', starter.done())
          }),
        )
        print('group over')
      },
      async async(print) {
        await timeout(1000, () =>
          taskGroup(async (group) => {
            let started: Started<number> | undefined
            const starter = group.createTask(async () => {
              await group.start(async (start: Started<number>) => {
                started = start
                await sleep(100)
              })
            })
            await sleep(10)
            started?.(80)
            starter.cancel()
            await wait([starter], { timeout: 100 })
            print('starter done', starter.done())
          }),
        )
        print('group over')
      },
    },
  )

  bothSpellings(
    'does not hang on a child that says it has started in its clean-up',
    ['TimeoutError at 5', 'group over at 5'],
    {
      *generator(print) {
        yield* timeout(1000, () =>
          taskGroup(function* (group) {
            try {
              yield* timeout(5, () =>
                group.start(function* (started: Started<string>) {
                  try {
                    yield* sleep(100)
                  } finally {
                    started('too late')
                  }
                }),
              )
            } catch (error) {
              print(error, 'at', now())
            }
          }),
        )
        print('group over at', now())
      },
      async async(print) {
        await timeout(1000, () =>
          taskGroup(async (group) => {
            try {
              await timeout(5, () =>
                group.start(async (started: Started<string>) => {
                  try {
                    await sleep(100)
                  } finally {
                    started('too late')
                  }
                }),
              )
            } catch (error) {
              print(error, 'at', now())
            }
          }),
        )
        print('group over at', now())
      },
    },
  )
})

describe('misuse', () => {
  bothSpellings('started() is called once', ['InvalidStateError', '1'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        const value = yield* group.start(function* (started: Started<number>) {
          started(1)
          try {
            started(2)
          } catch (error) {
            print(error)
          }
        })
        print(value)
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        const value = await group.start(async (started: Started<number>) => {
          started(1)
          try {
            started(2)
          } catch (error) {
            print(error)
          }
        })
        print(value)
      })
    },
  })

  for (const [state, message, make] of [
    ['that was not entered', 'has not been entered', async () => new TaskGroup()],
    [
      'that is over',
      'is finished',
      async () => {
        let over: TaskGroup | undefined
        await taskGroup((group) => {
          over = group
        })
        return over as TaskGroup
      },
    ],
  ] as const) {
    test(`a group ${state} starts no child, and says so`, async () => {
      const trace = await traceOf(async (print) => {
        const group = await make()
        try {
          await group.start(serveAsync, 80, print)
        } catch (error) {
          print(error, (error as Error).message)
        }
      })
      expect(trace).toEqual([`InvalidStateError The task group ${message}, and takes no more children.`])
    })
  }

  bothSpellings(
    'nor does one that is shutting down',
    ['InvalidStateError is shutting down', 'ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            group.createTask(function* () {
              throw 'boom'
            })
            try {
              yield* sleep(10)
            } catch (error) {
              try {
                yield* group.start(serve, 80, print)
              } catch (refusal) {
                print(refusal, /is shutting down/.exec((refusal as Error).message)?.[0])
              }
              throw error
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
              throw 'boom'
            })
            try {
              await sleep(10)
            } catch (error) {
              try {
                await group.start(serveAsync, 80, print)
              } catch (refusal) {
                print(refusal, /is shutting down/.exec((refusal as Error).message)?.[0])
              }
              throw error
            }
          })
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )

  for (const [what, wrong] of [
    ['a number', 5],
    ['a coroutine object', (function* () {})()],
    ['null', null],
  ] as const) {
    test(`what is no function is refused: ${what}`, async () => {
      const trace = await traceOf(function* (print) {
        yield* taskGroup(function* (group) {
          try {
            yield* group.start(wrong as never)
          } catch (error) {
            print(error, (error as { code: string }).code)
          }
        })
      })
      expect(trace).toEqual(['TypeError POLVO_MISUSE'])
    })
  }

  bothSpellings(
    'a start that nobody awaits starts nobody, and is reported by name',
    ['group over', neverAwaited('group.start(serve())')],
    {
      *generator(print) {
        yield* taskGroup(function* (group) {
          group.start(serve, 80, print)
          yield* sleep(5)
        })
        print('group over')
      },
      async async(print) {
        await taskGroup(async (group) => {
          group.start(serve, 80, print)
          await sleep(5)
        })
        print('group over')
      },
    },
  )

  bothSpellings('a start serves one await', ['80', 'InvalidStateError'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        const starting = group.start(serve, 80, () => {})
        print(yield* starting)
        try {
          yield* starting
        } catch (error) {
          print(error)
        }
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        const starting = group.start(serveAsync, 80, () => {})
        print(await starting)
        try {
          await starting
        } catch (error) {
          print(error)
        }
      })
    },
  })
})

bothSpellings(
  'a starter that is cancelled again while the child cleans up is through, and the group waits for the child',
  ['cleaning up', 'CancelledError', 'clean', 'over CancelledError'],
  {
    *generator(print) {
      const starter = createTask(startsAndIsCancelled, print)
      yield* sleep(1)
      starter.cancel()
      yield* sleep(1)
      starter.cancel()
      yield* wait([starter])
      print('over', shown(outcomeOf(starter)))
    },
    async async(print) {
      const starter = createTask(startsAndIsCancelledAsync, print)
      await sleep(1)
      starter.cancel()
      await sleep(1)
      starter.cancel()
      await wait([starter])
      print('over', shown(outcomeOf(starter)))
    },
  },
)

function* startsAndIsCancelled(print: Print): Coroutine {
  yield* taskGroup(function* (group) {
    try {
      yield* group.start((started: Started<number>) => neverStarts(print, started))
    } catch (error) {
      print(error)
      throw error
    }
  })
}

async function startsAndIsCancelledAsync(print: Print): Promise<void> {
  await taskGroup(async (group) => {
    try {
      await group.start((started: Started<number>) => neverStarts(print, started))
    } catch (error) {
      print(error)
      throw error
    }
  })
}

function* neverStarts(print: Print, _: Started<number>): Coroutine {
  try {
    yield* sleep(1000)
  } finally {
    print('cleaning up')
    try {
      yield* sleep(100)
    } catch {
      // The group cancels it as well.
      yield* sleep(100)
    }
    print('clean')
  }
}

function outcomeOf(task: Task): unknown {
  try {
    return task.exception()
  } catch (error) {
    return error
  }
}

bothSpellings(
  'a child that swallows the cancellation of its start, and fails or returns, is not heard of',
  ['TimeoutError at 5', 'TimeoutError at 10'],
  {
    *generator(print) {
      yield* taskGroup(function* (group) {
        for (const fails of [true, false]) {
          try {
            yield* timeout(5, () =>
              group.start(function* (_started: Started<void>) {
                try {
                  yield* sleep(100)
                } catch {}
                if (fails) throw new RangeError('boom')
              }),
            )
          } catch (error) {
            print(error, 'at', now())
          }
        }
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        for (const fails of [true, false]) {
          try {
            await timeout(5, () =>
              group.start(async (_started: Started<void>) => {
                try {
                  await sleep(100)
                } catch {}
                if (fails) throw new RangeError('boom')
              }),
            )
          } catch (error) {
            print(error, 'at', now())
          }
        }
      })
    },
  },
)
