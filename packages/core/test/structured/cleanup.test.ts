import {
  type Coroutine,
  cleanup,
  createTask,
  getRunningLoop,
  sleep,
  type Task,
  taskGroup,
  timeout,
  wait,
} from 'polvo'
import { describe } from 'vitest'
import { now, requests } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print } from '../support/traces.ts'

const grace = { cancelGrace: 10 }

/** Time must pass in virtual time for a grace period to be over: somebody else sleeps. Reports are cut short. */
function watchTheClock(print: Print): Task<unknown> {
  getRunningLoop().setExceptionHandler((_, { message }) => {
    print(/is (told again|ended)$/.exec(message)?.[1] ?? message, 'at', now())
  })
  return createTask(function* () {
    for (let i = 0; i < 500; i++) yield* sleep(1)
  })
}

describe('outside any cancellation', () => {
  bothSpellings('gives the result of the body, or its error', ['result', 'boom 0'], {
    *generator(print) {
      print(yield* cleanup(1000, () => sleep(1, 'result')))
      try {
        yield* cleanup(1000, function* () {
          yield
          throw 'boom'
        })
      } catch (error) {
        print(error, requests())
      }
    },
    async async(print) {
      print(await cleanup(1000, () => sleep(1, 'result')))
      try {
        await cleanup(1000, async () => {
          await sleep(0)
          throw 'boom'
        })
      } catch (error) {
        print(error, requests())
      }
    },
  })

  bothSpellings('is no time limit', ['slept at 1000'], {
    *generator(print) {
      yield* cleanup(10, () => sleep(1000))
      print('slept at', now())
    },
    async async(print) {
      await cleanup(10, () => sleep(1000))
      print('slept at', now())
    },
  })

  bothSpellings('is a checkpoint only where the body suspends', ['0', '1'], {
    *generator(print) {
      const passes = passCounter()
      yield* cleanup(10, () => 'at once')
      print(passes())
      yield* cleanup(10, () => sleep(0))
      print(passes())
    },
    async async(print) {
      const passes = passCounter()
      await cleanup(10, () => 'at once')
      print(passes())
      await cleanup(10, () => sleep(0))
      print(passes())
    },
  })
})

describe('after a cancellation', () => {
  bothSpellings(
    'a clean-up in its time is neither reminded nor ended, though the grace period is over',
    ['cleaned up at 90', 'TimeoutError at 90'],
    {
      *generator(print) {
        watchTheClock(print)
        try {
          yield* timeout(10, function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* cleanup(100, () => sleep(80))
              print('cleaned up at', now())
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        watchTheClock(print)
        try {
          await timeout(10, async () => {
            try {
              await sleep(1000)
            } finally {
              await cleanup(100, () => sleep(80))
              print('cleaned up at', now())
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
    grace,
  )

  bothSpellings(
    'one that takes longer is reminded when its time is over, and ended a grace period later',
    ['told again at 60', 'interrupted at 60', 'ended at 70', 'TimeoutError at 70'],
    {
      *generator(print) {
        watchTheClock(print)
        try {
          yield* timeout(10, function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* cleanup(50, function* () {
                for (;;) {
                  try {
                    yield* sleep(1000)
                  } catch {
                    print('interrupted at', now())
                  }
                }
              })
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        watchTheClock(print)
        try {
          await timeout(10, async () => {
            try {
              await sleep(1000)
            } finally {
              await cleanup(50, async () => {
                for (;;) {
                  try {
                    await sleep(1000)
                  } catch {
                    print('interrupted at', now())
                  }
                }
              })
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
    grace,
  )

  bothSpellings(
    'what comes behind the section has the grace period of before, which is over',
    ['cleaned up at 50', 'told again at 110', 'CancelledError at 110', 'TimeoutError at 110'],
    {
      *generator(print) {
        watchTheClock(print)
        try {
          yield* timeout(10, function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* cleanup(100, () => sleep(40))
              print('cleaned up at', now())
              try {
                yield* sleep(1000)
              } catch (error) {
                print(error, 'at', now())
              }
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        watchTheClock(print)
        try {
          await timeout(10, async () => {
            try {
              await sleep(1000)
            } finally {
              await cleanup(100, () => sleep(40))
              print('cleaned up at', now())
              try {
                await sleep(1000)
              } catch (error) {
                print(error, 'at', now())
              }
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
    grace,
  )

  bothSpellings(
    'of sections in sections the one that lasts longest counts',
    ['cleaned up at 90', 'TimeoutError at 90'],
    {
      *generator(print) {
        watchTheClock(print)
        try {
          yield* timeout(10, function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* cleanup(100, () => cleanup(5, () => sleep(80)))
              print('cleaned up at', now())
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        watchTheClock(print)
        try {
          await timeout(10, async () => {
            try {
              await sleep(1000)
            } finally {
              await cleanup(100, () => cleanup(5, () => sleep(80)))
              print('cleaned up at', now())
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
    grace,
  )

  bothSpellings(
    'a task that was cancelled by hand has its time as well',
    ['cleaned up at 85', 'cancelled'],
    {
      *generator(print) {
        watchTheClock(print)
        const task = createTask(function* () {
          try {
            yield* sleep(1000)
          } finally {
            yield* cleanup(100, () => sleep(80))
            print('cleaned up at', now())
          }
        })
        yield* sleep(5)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
      async async(print) {
        watchTheClock(print)
        const task = createTask(async () => {
          try {
            await sleep(1000)
          } finally {
            await cleanup(100, () => sleep(80))
            print('cleaned up at', now())
          }
        })
        await sleep(5)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
    },
    grace,
  )

  bothSpellings(
    'a further cancellation interrupts the body: it is no shield',
    ['interrupted at 30', 'cancelled'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* sleep(1000)
          } finally {
            let isDone = false
            try {
              yield* cleanup(100, () => sleep(80))
              isDone = true
            } finally {
              if (!isDone) print('interrupted at', now())
            }
          }
        })
        yield* sleep(5)
        task.cancel()
        yield* sleep(25)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await sleep(1000)
          } finally {
            let isDone = false
            try {
              await cleanup(100, () => sleep(80))
              isDone = true
            } finally {
              if (!isDone) print('interrupted at', now())
            }
          }
        })
        await sleep(5)
        task.cancel()
        await sleep(25)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
    },
  )

  bothSpellings(
    'the clean-up of a child has its time also where the group it belongs to was cancelled',
    ['cleaned up at 90', 'TimeoutError at 90'],
    {
      *generator(print) {
        watchTheClock(print)
        function* child(): Coroutine {
          try {
            yield* sleep(1000)
          } finally {
            yield* cleanup(100, () => sleep(80))
            print('cleaned up at', now())
          }
        }
        try {
          yield* timeout(10, () =>
            taskGroup((group) => {
              group.createTask(child)
            }),
          )
        } catch (error) {
          print(error, 'at', now())
        }
        yield* sleep(100)
      },
      async async(print) {
        watchTheClock(print)
        async function child(): Promise<void> {
          try {
            await sleep(1000)
          } finally {
            await cleanup(100, () => sleep(80))
            print('cleaned up at', now())
          }
        }
        try {
          await timeout(10, () =>
            taskGroup((group) => {
              group.createTask(child)
            }),
          )
        } catch (error) {
          print(error, 'at', now())
        }
        await sleep(100)
      },
    },
    grace,
  )

  bothSpellings(
    'a task that is left over when the run ends has its time as well',
    ['main ends', 'cleaned up at 81'],
    {
      *generator(print) {
        watchTheClock(print)
        createTask(function* () {
          try {
            yield* sleep(1000)
          } finally {
            yield* cleanup(100, () => sleep(80))
            print('cleaned up at', now())
          }
        })
        yield* sleep(1)
        print('main ends')
      },
      async async(print) {
        watchTheClock(print)
        createTask(async () => {
          try {
            await sleep(1000)
          } finally {
            await cleanup(100, () => sleep(80))
            print('cleaned up at', now())
          }
        })
        await sleep(1)
        print('main ends')
      },
    },
    grace,
  )
})

describe('misuse', () => {
  refuses('cleanup(ms)', [-1, Number.NaN, '5', null], (ms) => cleanup(ms, () => {}))
  refuses('cleanup(1, body)', [5, null, 'body'], (body) => cleanup(1, body))

  keepsTheOperationContract('cleanup(5, body())', () => cleanup(5, function body() {}))
})
