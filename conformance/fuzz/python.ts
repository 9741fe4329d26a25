/**
 * A program written out as Python, to read, and to run beside `stage.py`: it prints its trace.
 *
 *     PYTHONPATH=conformance/fuzz python3.13 program.py
 */
import { type Body, durationOf, type Operation, type OperationOf, type Program } from './program.ts'

/** The source of a whole module. */
export function pythonOf(program: Program): string {
  const written = new Module()
  written.task(0, program.body)
  return [HEAD, ...written.functions.values(), FOOT].join('\n\n')
}

const HEAD = `import asyncio
from stage import Boom, Stage

stage = Stage()
`

const FOOT = `print(*stage.play(task_0), sep='\\n')
`

/** Lines of source, indented by their depth alone. */
type Lines = readonly string[]

class Module {
  /** By the number of the task, in the order in which the tasks stand in the program. */
  readonly functions = new Map<number, string>()

  task(id: number, body: Body): void {
    this.functions.set(id, '')
    const lines = [`@stage.task(${id})`, `async def task_${id}():`, ...this.#block(id, body)]
    this.functions.set(id, `${lines.join('\n')}\n`)
  }

  /** The coroutine of a task that is written on the way. */
  #coroutine(id: number, body: Body): string {
    this.task(id, body)
    return `task_${id}()`
  }

  /** A body of which there is nothing else in its block. */
  #block(me: number, body: Body): Lines {
    return body.length > 0 ? this.#suite(me, body) : indent(['pass'])
  }

  #suite(me: number, body: Body): Lines {
    return indent(body.flatMap((operation) => this.#operation(me, operation)))
  }

  #operation(me: number, operation: Operation): Lines {
    const label = `'${me}.${operation.at} ${operation.do}'`
    const say = `stage.say(${label})`
    switch (operation.do) {
      case 'sleep':
        return [...Array.from({ length: operation.times }, () => 'await asyncio.sleep(0)'), say]
      case 'sleepFor':
        return [`await asyncio.sleep(${durationOf(operation)})`, say]
      case 'fail':
        return [say, `raise Boom('Boom ${operation.at}')`]

      case 'cancel':
        return [`stage.cancel(${label}, ${operation.task})`]
      case 'cancelLater':
        return [
          `stage.cancel_later(${label}, ${me}, ${operation.at}, ${operation.task}, ${durationOf(operation)})`,
        ]
      case 'cancelSelf':
        return ['asyncio.current_task().cancel()', say]
      case 'await':
        return forOther(me, operation.task, (other) => `stage.say_result(${label}, ${other})`)
      case 'shield':
        return forOther(me, operation.task, (other) => `stage.say_result(${label}, asyncio.shield(${other}))`)
      case 'waitFor':
        return forOther(
          me,
          operation.task,
          (other) => `stage.say_result(${label}, asyncio.wait_for(${other}, ${limitOf(operation)}))`,
        )
      case 'gather':
        return [gather(label, `*${knownOf(me, operation.tasks)}`, operation.returnExceptions)]
      case 'wait':
        return [
          `if others := ${knownOf(me, operation.tasks)}:`,
          `    sets = await asyncio.wait(others, return_when='${operation.returnWhen}', timeout=${limitOf(operation)})`,
          `    stage.say_sets(${label}, *sets)`,
        ]
      case 'spawn': {
        const coroutine = this.#coroutine(operation.task, operation.body)
        const group = operation.into === null ? '' : `, into=${operation.into}`
        return [`stage.spawn(${label}, ${operation.task}, ${coroutine}${group})`]
      }
      case 'gatherNew': {
        const coroutines = operation.children.map(({ task, body }) => this.#coroutine(task, body))
        return [gather(label, coroutines.join(', '), operation.returnExceptions)]
      }
      case 'shieldNew': {
        const coroutine = this.#coroutine(operation.child.task, operation.child.body)
        return [`await stage.say_result(${label}, asyncio.shield(${coroutine}))`]
      }

      case 'put':
        return [`await stage.queues[${operation.queue}].put(${me})`, say]
      case 'get':
        return [`stage.say(${label}, await stage.queues[${operation.queue}].get())`]
      case 'taskDone':
        return [`stage.task_done(${label}, ${operation.queue})`]
      case 'join':
        return [`await stage.queues[${operation.queue}].join()`, say]
      case 'shutdown':
        return [`stage.shutdown(${label}, ${operation.queue}, ${operation.immediate ? 'True' : 'False'})`]
      case 'waitBarrier':
        return [`stage.say(${label}, await stage.barrier.wait())`]
      case 'resetBarrier':
        return ['await stage.barrier.reset()', say]
      case 'abortBarrier':
        return ['await stage.barrier.abort()', say]
      case 'setVar':
        return [`stage.set_var(${label}, ${operation.at})`]
      case 'getVar':
        return [`stage.get_var(${label})`]
      case 'asCompleted':
        return [
          `others = stage.to_complete(${knownOf(me, operation.tasks)})`,
          `for completed in asyncio.as_completed(others, timeout=${limitOf(operation)}):`,
          `    await stage.say_result(${label}, completed)`,
        ]
      case 'waitEvent':
        return ['await stage.event.wait()', say]
      case 'toggleEvent':
        return [`stage.toggle_event(${label})`]
      case 'waitCondition': {
        const steps = [
          `stage.say(${label}, 'waits')`,
          'await stage.condition.wait()',
          `stage.say(${label}, 'woken')`,
        ]
        return ['async with stage.condition:', ...indent(steps)]
      }
      case 'notify':
        return ['async with stage.condition:', ...indent([`stage.condition.notify(${operation.count})`, say])]
      case 'lock':
      case 'semaphore':
        return [
          `async with stage.${operation.do === 'lock' ? 'lock' : `semaphores[${operation.semaphore}]`}:`,
          `    stage.say(${label}, 'in')`,
          ...this.#suite(me, operation.body),
          `stage.say(${label}, 'out')`,
        ]

      case 'call':
        return [
          `async def part_${operation.at}():`,
          ...this.#block(me, operation.body),
          `await part_${operation.at}()`,
        ]
      case 'try':
        return [
          'try:',
          ...this.#block(me, operation.body),
          'except asyncio.CancelledError as error:',
          `    stage.say(${label}, error)`,
          ...this.#suite(me, operation.handler),
          ...(operation.onCancel === 'rethrow' ? ['    raise'] : []),
          ...(operation.onCancel === 'fail' ? [`    raise Boom('Boom ${operation.at}')`] : []),
          'except Exception as error:',
          `    stage.say(${label}, error)`,
        ]
      case 'finally':
        return [
          'try:',
          ...this.#block(me, operation.body),
          'finally:',
          `    stage.say(${label}, 'begins')`,
          ...this.#suite(me, operation.cleanUp),
          `    stage.say(${label}, 'done')`,
        ]
      case 'group': {
        const { group, body } = operation
        const scope = [
          `async with stage.task_group() as stage.groups[${group}]:`,
          ...this.#block(me, body),
          `stage.say(${label}, 'over')`,
        ]
        return ['try:', ...indent(scope), 'except ExceptionGroup as error:', `    stage.say(${label}, error)`]
      }
      case 'timeout': {
        const name = `stage.timeouts[${operation.timeout}]`
        const deadline = deadlineOf(operation)
        const scope = [
          `async with asyncio.timeout_at(${deadline}) as ${name}:`,
          ...this.#block(me, operation.body),
          `stage.say(${label}, 'over', ${name}.expired())`,
        ]
        return [
          ...(operation.limit !== 'never' ? ['await asyncio.sleep(0)'] : []),
          'try:',
          ...indent(scope),
          'except TimeoutError as error:',
          `    stage.say(${label}, error, ${name}.expired())`,
        ]
      }
      case 'reschedule': {
        const deadline = operation.isOver ? 'stage.long_ago()' : 'None'
        return [`stage.reschedule(${label}, ${operation.timeout}, ${deadline})`]
      }
    }
  }
}

/** How long an operation waits at most. */
function limitOf(operation: OperationOf<'waitFor' | 'wait' | 'asCompleted'>): string {
  const { after } = operation
  if (after === null) return 'None'
  return String(after === 0 ? 0 : durationOf({ ...operation, after }))
}

function deadlineOf(operation: OperationOf<'timeout'>): string {
  if (operation.limit === 'soon') return `stage.now + ${durationOf(operation)}`
  return operation.limit === 'over' ? 'stage.long_ago()' : 'None'
}

function indent(lines: Lines): Lines {
  return lines.map((line) => `    ${line}`)
}

/** Wait for another task where it is there, and does not wait for this one. */
function forOther(me: number, id: number, wait: (other: string) => string): Lines {
  return id > me ? [`if ${id} in stage.tasks:`, `    await ${wait(`stage.tasks[${id}]`)}`] : []
}

function knownOf(me: number, ids: readonly number[]): string {
  return `stage.known(${ids.filter((id) => id > me).join(', ')})`
}

function gather(label: string, what: string, returnExceptions: boolean): string {
  const option = returnExceptions ? ', return_exceptions=True' : ''
  return `await stage.say_result(${label}, asyncio.gather(${what}${option}))`
}
