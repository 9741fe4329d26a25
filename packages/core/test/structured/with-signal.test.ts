import { createTask, currentTask, getRunningLoop, sleep, taskGroup, timeout, wait, withSignal } from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

/** A signal that is aborted at a time of the loop's clock. */
function abortedAt(ms: number, reason?: unknown): AbortSignal {
  const controller = new AbortController()
  getRunningLoop().callAt(ms, () => controller.abort(reason))
  return controller.signal
}

describe('a signal that is not aborted', () => {
  bothSpellings('the body gives its result, or its error', ['result', 'boom 0'], {
    *generator(print) {
      const { signal } = new AbortController()
      print(yield* withSignal(signal, () => sleep(5, 'result')))
      try {
        yield* withSignal(signal, function* () {
          yield
          throw 'boom'
        })
      } catch (error) {
        print(error, requests())
      }
    },
    async async(print) {
      const { signal } = new AbortController()
      print(await withSignal(signal, () => sleep(5, 'result')))
      try {
        await withSignal(signal, async () => {
          await sleep(0)
          throw 'boom'
        })
      } catch (error) {
        print(error, requests())
      }
    },
  })

  bothSpellings('is a checkpoint only where the body suspends', ['0', '1'], {
    *generator(print) {
      const { signal } = new AbortController()
      const passes = passCounter()
      yield* withSignal(signal, () => 'at once')
      print(passes())
      yield* withSignal(signal, () => sleep(0))
      print(passes())
    },
    async async(print) {
      const { signal } = new AbortController()
      const passes = passCounter()
      await withSignal(signal, () => 'at once')
      print(passes())
      await withSignal(signal, () => sleep(0))
      print(passes())
    },
  })

  bothSpellings('aborted after the end of the body changes nothing', ['result', 'slept 0'], {
    *generator(print) {
      const controller = new AbortController()
      print(yield* withSignal(controller.signal, () => 'result'))
      controller.abort()
      yield* sleep(5)
      print('slept', requests())
    },
    async async(print) {
      const controller = new AbortController()
      print(await withSignal(controller.signal, () => 'result'))
      controller.abort()
      await sleep(5)
      print('slept', requests())
    },
  })

  test('leaves no listener behind, however the body ended', async () => {
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const counting = {
      get aborted() {
        return signal.aborted
      },
      get reason() {
        return signal.reason
      },
      addEventListener(...args: Parameters<AbortSignal['addEventListener']>) {
        listeners++
        signal.addEventListener(...args)
      },
      removeEventListener(...args: Parameters<AbortSignal['removeEventListener']>) {
        listeners--
        signal.removeEventListener(...args)
      },
    } as AbortSignal
    const trace = await traceOf(function* (print) {
      yield* withSignal(counting, function* () {
        print(listeners)
        yield
      })
      print(listeners)
      try {
        yield* withSignal(counting, () => {
          throw 'boom'
        })
      } catch {}
      print(listeners)
      const task = createTask(() => withSignal(counting, () => sleep(100)))
      yield* sleep(1)
      print(listeners)
      task.cancel()
      yield* wait([task])
      print(listeners)
      controller.abort()
      try {
        yield* withSignal(counting, () => sleep(100))
      } catch {}
      print(listeners)
    })
    expect(trace).toEqual(['1', '0', '0', '1', '0', '0'])
  })
})

describe('a signal that is aborted', () => {
  bothSpellings(
    'cancels the body; its reason is thrown once that has cleaned up',
    ['cleaning at 10', 'Error goodbye at 15 0'],
    {
      *generator(print) {
        try {
          yield* withSignal(abortedAt(10, new Error('goodbye')), function* () {
            try {
              yield* sleep(100)
            } finally {
              print('cleaning at', now())
              yield* sleep(5)
            }
          })
        } catch (error) {
          print(error, (error as Error).message, 'at', now(), requests())
        }
      },
      async async(print) {
        try {
          await withSignal(abortedAt(10, new Error('goodbye')), async () => {
            try {
              await sleep(100)
            } finally {
              print('cleaning at', now())
              await sleep(5)
            }
          })
        } catch (error) {
          print(error, (error as Error).message, 'at', now(), requests())
        }
      },
    },
  )

  bothSpellings(
    'what the body sees is a CancelledError with the reason, and who asked',
    ['CancelledError goodbye withSignal()', 'goodbye'],
    {
      *generator(print) {
        try {
          yield* withSignal(abortedAt(10, 'goodbye'), function* () {
            try {
              yield* sleep(100)
            } catch (error) {
              const { reason, requestedBy } = error as { reason: unknown; requestedBy: unknown }
              print(error, reason, requestedBy)
              throw error
            }
          })
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        try {
          await withSignal(abortedAt(10, 'goodbye'), async () => {
            try {
              await sleep(100)
            } catch (error) {
              const { reason, requestedBy } = error as { reason: unknown; requestedBy: unknown }
              print(error, reason, requestedBy)
              throw error
            }
          })
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings('without a reason throws what the platform gives: an AbortError', ['AbortError'], {
    *generator(print) {
      try {
        yield* withSignal(abortedAt(10), () => sleep(100))
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      try {
        await withSignal(abortedAt(10), () => sleep(100))
      } catch (error) {
        print(error)
      }
    },
  })

  bothSpellings(
    'before the beginning cancels the first suspension; a body without any gives its result',
    ['began', 'late', 'at once'],
    {
      *generator(print) {
        const signal = AbortSignal.abort('late')
        try {
          yield* withSignal(signal, function* () {
            print('began')
            yield* sleep(1)
            print('never')
          })
        } catch (error) {
          print(error)
        }
        print(yield* withSignal(signal, () => 'at once'))
      },
      async async(print) {
        const signal = AbortSignal.abort('late')
        try {
          await withSignal(signal, async () => {
            print('began')
            await sleep(1)
            print('never')
          })
        } catch (error) {
          print(error)
        }
        print(await withSignal(signal, () => 'at once'))
      },
    },
  )

  bothSpellings('a body that catches the cancellation has the last word', ['result 0', 'own error 0'], {
    *generator(print) {
      const result = yield* withSignal(abortedAt(10), function* () {
        try {
          yield* sleep(100)
        } catch {}
        return 'result'
      })
      print(result, requests())
      try {
        yield* withSignal(AbortSignal.abort(), function* () {
          try {
            yield* sleep(100)
          } catch {
            throw 'own error'
          }
        })
      } catch (error) {
        print(error, requests())
      }
    },
    async async(print) {
      const result = await withSignal(abortedAt(10), async () => {
        try {
          await sleep(100)
        } catch {}
        return 'result'
      })
      print(result, requests())
      try {
        await withSignal(AbortSignal.abort(), async () => {
          try {
            await sleep(100)
          } catch {
            throw 'own error'
          }
        })
      } catch (error) {
        print(error, requests())
      }
    },
  })

  bothSpellings('reaches a group in the body', ['a CancelledError', 'b CancelledError', 'goodbye'], {
    *generator(print) {
      function* child(name: string) {
        try {
          yield* sleep(100)
        } catch (error) {
          print(name, error)
          throw error
        }
      }
      try {
        yield* withSignal(abortedAt(10, 'goodbye'), () =>
          taskGroup((group) => {
            for (const name of ['a', 'b']) group.createTask(child, name)
          }),
        )
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      async function child(name: string) {
        try {
          await sleep(100)
        } catch (error) {
          print(name, error)
          throw error
        }
      }
      try {
        await withSignal(abortedAt(10, 'goodbye'), () =>
          taskGroup((group) => {
            for (const name of ['a', 'b']) group.createTask(child, name)
          }),
        )
      } catch (error) {
        print(error)
      }
    },
  })

  for (const order of ['the signal first', 'the time limit first']) {
    bothSpellings(
      `at the same moment as a time limit around it: that one counts (${order})`,
      ['TimeoutError 0'],
      {
        *generator(print) {
          const early = order === 'the signal first' ? abortedAt(10) : undefined
          try {
            yield* timeout(10, () => withSignal(early ?? abortedAt(10), () => sleep(100)))
          } catch (error) {
            print(error, requests())
          }
        },
        async async(print) {
          const early = order === 'the signal first' ? abortedAt(10) : undefined
          try {
            await timeout(10, () => withSignal(early ?? abortedAt(10), () => sleep(100)))
          } catch (error) {
            print(error, requests())
          }
        },
      },
    )
  }

  bothSpellings('a cancellation of the task is thrown as such', ['CancelledError', 'cancelled'], {
    *generator(print) {
      const { signal } = new AbortController()
      const task = createTask(function* () {
        try {
          yield* withSignal(signal, () => sleep(100))
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
      const { signal } = new AbortController()
      const task = createTask(async () => {
        try {
          await withSignal(signal, () => sleep(100))
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

  bothSpellings('a task may abort its own', ['mine', 'slept'], {
    *generator(print) {
      const controller = new AbortController()
      try {
        yield* withSignal(controller.signal, function* () {
          controller.abort('mine')
          yield* sleep(5)
        })
      } catch (error) {
        print(error)
      }
      yield* sleep(5)
      print(currentTask()?.cancelling() === 0 ? 'slept' : 'still cancelled')
    },
    async async(print) {
      const controller = new AbortController()
      try {
        await withSignal(controller.signal, async () => {
          controller.abort('mine')
          await sleep(5)
        })
      } catch (error) {
        print(error)
      }
      await sleep(5)
      print(currentTask()?.cancelling() === 0 ? 'slept' : 'still cancelled')
    },
  })

  bothSpellings(
    'a body that would not stop is ended, and the reason thrown',
    ['swallows', 'swallows', 'goodbye at 30'],
    {
      *generator(print) {
        createTask(function* () {
          for (let i = 0; i < 50; i++) yield* sleep(1)
        })
        try {
          yield* withSignal(abortedAt(10, 'goodbye'), function* () {
            for (;;) {
              try {
                yield* sleep(1000)
              } catch {
                print('swallows')
              }
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        createTask(async () => {
          for (let i = 0; i < 50; i++) await sleep(1)
        })
        try {
          await withSignal(abortedAt(10, 'goodbye'), async () => {
            for (;;) {
              try {
                await sleep(1000)
              } catch {
                print('swallows')
              }
            }
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
    { cancelGrace: 10, hideReports: true },
  )
})

describe('misuse', () => {
  refuses('withSignal(signal)', [5, null, {}, new AbortController()], (signal) =>
    withSignal(signal, () => {}),
  )
  refuses('withSignal(signal, body)', [5, null, 'body'], (body) => withSignal(AbortSignal.abort(), body))

  keepsTheOperationContract('withSignal()', () => withSignal(new AbortController().signal, () => {}))
})
