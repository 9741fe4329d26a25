/** Cancel, remind, end: whoever asked for a cancellation ends within its grace, and the code around it goes on. */
import {
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  isCancelled,
  sleep,
  type Task,
  taskGroup,
  timeout,
  use,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

const grace = { cancelGrace: 20 }

const reminded = (who: string) =>
  `report: The body of timeout(10) in ${who} swallows its cancellation: it was cancelled 20 ms ago, is still running, and is told again`
const ended = (who: string) =>
  `report: The body of timeout(10) in ${who} swallows its cancellation: it was told again 20 ms ago, is still running, and is ended`

/** Time must pass in virtual time for a grace period to be over: somebody else sleeps. */
function keepTimePassing(): Task<unknown> {
  return createTask(function* () {
    for (let i = 0; i < 100; i++) yield* sleep(1)
  })
}

bothSpellings(
  'a body that swallows for ever is reminded, then ended; the code around it goes on',
  [
    'swallow',
    reminded("task 'main'"),
    'swallow',
    ended("task 'main'"),
    'fallback TimeoutError',
    'finally of the caller',
    'goes on 0',
  ],
  {
    *generator(print) {
      keepTimePassing()
      yield* createTask({ name: 'main' }, function* (): Coroutine {
        try {
          yield* timeout(10, function* () {
            for (;;) {
              try {
                yield* sleep(300)
              } catch {
                print('swallow')
              }
            }
          })
        } catch (error) {
          print('fallback', error)
        } finally {
          print('finally of the caller')
        }
        yield* sleep(1)
        print('goes on', currentTask()?.cancelling())
      })
    },
    async async(print) {
      keepTimePassing()
      await createTask({ name: 'main' }, async () => {
        try {
          await timeout(10, async () => {
            for (;;) {
              try {
                await sleep(300)
              } catch {
                print('swallow')
              }
            }
          })
        } catch (error) {
          print('fallback', error)
        } finally {
          print('finally of the caller')
        }
        await sleep(1)
        print('goes on', currentTask()?.cancelling())
      })
    },
  },
  grace,
)

bothSpellings(
  'so is one whose finally goes on for ever',
  [reminded("task 'main'"), ended("task 'main'"), 'fallback TimeoutError'],
  {
    *generator(print) {
      keepTimePassing()
      yield* createTask({ name: 'main' }, function* (): Coroutine {
        try {
          yield* timeout(10, function* () {
            for (;;) {
              try {
                yield* sleep(300)
              } finally {
                // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
                if (currentTask()) continue
              }
            }
          })
        } catch (error) {
          print('fallback', error)
        }
      })
    },
    async async(print) {
      keepTimePassing()
      await createTask({ name: 'main' }, async () => {
        try {
          await timeout(10, async () => {
            for (;;) {
              try {
                await sleep(300)
              } finally {
                // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
                if (currentTask()) continue
              }
            }
          })
        } catch (error) {
          print('fallback', error)
        }
      })
    },
  },
  grace,
)

bothSpellings(
  'one that waits for ever in its finally is interrupted there by the reminder',
  ['waiting', 'interrupted', 'TimeoutError'],
  {
    *generator(print) {
      keepTimePassing()
      try {
        yield* timeout(10, function* () {
          try {
            yield* sleep(1000)
          } finally {
            try {
              print('waiting')
              yield* sleep(Number.POSITIVE_INFINITY)
            } finally {
              print('interrupted')
            }
          }
        })
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      keepTimePassing()
      try {
        await timeout(10, async () => {
          try {
            await sleep(1000)
          } finally {
            try {
              print('waiting')
              await sleep(Number.POSITIVE_INFINITY)
            } finally {
              print('interrupted')
            }
          }
        })
      } catch (error) {
        print(error)
      }
    },
  },
  { ...grace, hideReports: true },
)

test('an async body on a native promise that never settles is ended', async () => {
  const trace = await traceOf(async (print) => {
    keepTimePassing()
    await createTask({ name: 'main' }, async () => {
      try {
        await timeout(10, () => new Promise<void>(() => {}))
      } catch (error) {
        print('fallback', error)
      }
    })
  }, grace)
  expect(trace).toEqual([reminded("task 'main'"), ended("task 'main'"), 'fallback TimeoutError'])
})

test('the frames of an ended generator body are closed, innermost first, marked ones too', async () => {
  const trace = await traceOf(function* (print) {
    keepTimePassing()
    const level = coroutine(function* (n: number): Coroutine {
      try {
        if (n > 0) return yield* level(n - 1)
        for (;;) {
          try {
            yield* sleep(300)
          } catch {}
        }
      } finally {
        print('closed', n)
      }
    })
    try {
      yield* timeout(10, () => level(2))
    } catch (error) {
      print(error)
    }
  }, grace)
  expect(trace.filter((line) => !line.startsWith('report'))).toEqual([
    'closed 0',
    'closed 1',
    'closed 2',
    'TimeoutError',
  ])
})

bothSpellings(
  'resources that were opened inside an ended body are closed',
  ['open r1', 'open r2', 'closed r2 CancelledError', 'closed r1 CancelledError', 'TimeoutError'],
  {
    *generator(print) {
      keepTimePassing()
      try {
        yield* timeout(10, () =>
          use(door('r1'), () =>
            use(door('r2'), function* () {
              for (;;) {
                try {
                  yield* sleep(300)
                } catch {}
              }
            }),
          ),
        )
      } catch (error) {
        print(error)
      }
      yield* sleep(10)

      function door(name: string) {
        return {
          enter: () => print('open', name),
          *exit(error?: unknown): Coroutine {
            yield* sleep(1)
            print('closed', name, error)
          },
        }
      }
    },
    async async(print) {
      keepTimePassing()
      try {
        await timeout(10, async () => {
          await use(door('r1'), async () => {
            await use(door('r2'), async () => {
              for (;;) {
                try {
                  await sleep(300)
                } catch {}
              }
            })
          })
        })
      } catch (error) {
        print(error)
      }
      await sleep(10)

      function door(name: string) {
        return {
          enter: () => print('open', name),
          async exit(error?: unknown) {
            await sleep(1)
            print('closed', name, error)
          },
        }
      }
    },
  },
  { ...grace, hideReports: true },
)

bothSpellings(
  'a group inside an ended body has its children cancelled',
  ['child cleans up', 'TimeoutError', 'true'],
  {
    *generator(print) {
      keepTimePassing()
      let child: Task<unknown> | undefined
      try {
        yield* timeout(10, () =>
          taskGroup(function* (group) {
            child = group.createTask(function* () {
              try {
                yield* sleep(5000)
              } finally {
                print('child cleans up')
              }
            })
            for (;;) {
              try {
                yield* sleep(300)
              } catch {}
            }
          }),
        )
      } catch (error) {
        yield* sleep(1)
        print(error)
      }
      print(child?.cancelled())
    },
    async async(print) {
      keepTimePassing()
      let child: Task<unknown> | undefined
      try {
        await timeout(10, async () => {
          await taskGroup(async (group) => {
            child = group.createTask(async () => {
              try {
                await sleep(5000)
              } finally {
                print('child cleans up')
              }
            })
            for (;;) {
              try {
                await sleep(300)
              } catch {}
            }
          })
        })
      } catch (error) {
        await sleep(1)
        print(error)
      }
      print(child?.cancelled())
    },
  },
  { ...grace, hideReports: true },
)

bothSpellings(
  'a child that swallows does not hold its group',
  ['ExceptionGroup', 'goes on'],
  {
    *generator(print) {
      keepTimePassing()
      try {
        yield* taskGroup(function* (group) {
          group.createTask(function* () {
            for (;;) {
              try {
                yield* sleep(300)
              } catch {}
            }
          })
          yield* sleep(1)
          throw new Error('boom')
        })
      } catch (error) {
        print(error)
      }
      print('goes on')
    },
    async async(print) {
      keepTimePassing()
      try {
        await taskGroup(async (group) => {
          group.createTask(async () => {
            for (;;) {
              try {
                await sleep(300)
              } catch {}
            }
          })
          await sleep(1)
          throw new Error('boom')
        })
      } catch (error) {
        print(error)
      }
      print('goes on')
    },
  },
  { ...grace, hideReports: true },
)

bothSpellings(
  'task.cancel() ends a task that swallows',
  ['CancelledError true'],
  {
    *generator(print) {
      keepTimePassing()
      const task = createTask(function* () {
        for (;;) {
          try {
            yield* sleep(300)
          } catch {}
        }
      })
      yield* sleep(1)
      task.cancel()
      try {
        yield* task
      } catch (error) {
        print(error, task.cancelled())
      }
    },
    async async(print) {
      keepTimePassing()
      const task = createTask(async () => {
        for (;;) {
          try {
            await sleep(300)
          } catch {}
        }
      })
      await sleep(1)
      task.cancel()
      try {
        await task
      } catch (error) {
        print(error, task.cancelled())
      }
    },
  },
  { ...grace, hideReports: true },
)

bothSpellings(
  'a run whose leftovers swallow ends all the same',
  ['main done'],
  {
    *generator(print) {
      createTask(function* () {
        for (;;) {
          try {
            yield* sleep(1)
          } catch {}
        }
      })
      yield* sleep(5)
      print('main done')
    },
    async async(print) {
      createTask(async () => {
        for (;;) {
          try {
            await sleep(1)
          } catch {}
        }
      })
      await sleep(5)
      print('main done')
    },
  },
  { ...grace, hideReports: true },
)

describe('time for clean-up', () => {
  bothSpellings(
    'a clean-up within the grace period is not disturbed',
    ['cleaned', 'TimeoutError'],
    {
      *generator(print) {
        keepTimePassing()
        try {
          yield* timeout(10, function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* sleep(15)
              print('cleaned')
            }
          })
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        keepTimePassing()
        try {
          await timeout(10, async () => {
            try {
              await sleep(1000)
            } finally {
              await sleep(15)
              print('cleaned')
            }
          })
        } catch (error) {
          print(error)
        }
      },
    },
    grace,
  )

  bothSpellings(
    'a task that is only awaited by the one that was cancelled has no clock of its own',
    ['stubborn came late', 'false'],
    {
      *generator(print) {
        keepTimePassing()
        const stubborn = createTask(function* () {
          for (let i = 0; i < 2; i++) {
            try {
              yield* sleep(45)
            } catch (error) {
              if (!isCancelled(error)) throw error
            }
          }
          print('stubborn came late')
        })
        yield* sleep(1)
        try {
          yield* timeout(1, () => stubborn)
        } catch {}
        yield* stubborn
        print(stubborn.cancelled())
      },
      async async(print) {
        keepTimePassing()
        const stubborn = createTask(async () => {
          for (let i = 0; i < 2; i++) {
            try {
              await sleep(45)
            } catch (error) {
              if (!isCancelled(error)) throw error
            }
          }
          print('stubborn came late')
        })
        await sleep(1)
        try {
          await timeout(1, () => stubborn)
        } catch {}
        await stubborn
        print(stubborn.cancelled())
      },
    },
    { cancelGrace: 100, hideReports: true },
  )
})

describe('who waits for a stubborn task is not stubborn', () => {
  bothSpellings(
    'its clean-up has its time after that task was ended, though both were cancelled at once',
    [
      "report: task 'child' swallows its cancellation: it was cancelled 20 ms ago, is still running, and is told again",
      "report: task 'child' swallows its cancellation: it was told again 20 ms ago, is still running, and is ended",
      'cleaned up',
      'cancelled true',
    ],
    {
      *generator(print) {
        keepTimePassing()
        const parent = createTask(function* () {
          try {
            yield* taskGroup(function* (group) {
              group.createTask({ name: 'child' }, function* () {
                for (;;) {
                  try {
                    yield* sleep(1000)
                  } catch {}
                }
              })
            })
          } finally {
            yield* sleep(5)
            print('cleaned up')
          }
        })
        yield* sleep(5)
        parent.cancel()
        yield* wait([parent])
        print('cancelled', parent.cancelled())
      },
      async async(print) {
        keepTimePassing()
        const parent = createTask(async () => {
          try {
            await taskGroup(async (group) => {
              group.createTask({ name: 'child' }, async () => {
                for (;;) {
                  try {
                    await sleep(1000)
                  } catch {}
                }
              })
            })
          } finally {
            await sleep(5)
            print('cleaned up')
          }
        })
        await sleep(5)
        parent.cancel()
        await wait([parent])
        print('cancelled', parent.cancelled())
      },
    },
    grace,
  )
})
