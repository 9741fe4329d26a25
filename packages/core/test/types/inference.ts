/**
 * Type tests: this file is compiled, never run. `same<A>()(value)` compiles only if the type of `value` is A exactly, and
 * `@ts-expect-error` only if the line below it is an error.
 */
import {
  type Awaitable,
  asCompleted,
  awaitable,
  type Call,
  type Coroutine,
  call,
  coroutine,
  createTask,
  ensureFuture,
  Future,
  forEach,
  from,
  fromCallback,
  fromEvent,
  gather,
  map,
  moveOnAfter,
  Queue,
  type Result,
  resource,
  run,
  type Startable,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  use,
  wait,
  waitFor,
} from 'polvo'

type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
declare function same<A>(): <B>(
  value: B,
  ...proof: Same<A, B> extends true ? [] : ['not the same type']
) => void

declare function slow(): Coroutine<number>
declare function slowAsync(): Promise<number>
declare const coin: boolean
declare function generate(): AsyncGenerator<boolean>

// ---------------------------------------------------------------- Result
declare function resultOf<R>(value: R): Result<R>
same<number>()(resultOf(slow()))
same<number>()(resultOf(slowAsync()))
same<string>()(resultOf(sleep(1, 'x')))
same<number>()(resultOf(createTask(slow)))
same<number | string>()(resultOf(coin ? slow() : sleep(1, 'x' as string)))
same<number[]>()(resultOf([1]))
same<void>()(resultOf(sleep(1)))

// ---------------------------------------------------------------- awaiting, in both spellings
function* generatorSpelling(): Coroutine<void> {
  same<number>()(yield* slow())
  same<number>()(yield* call(slowAsync))
  same<string>()(yield* sleep(1, 'x'))
  same<void>()(yield* sleep(1))
  same<number>()(yield* createTask(slow))
  same<number>()(yield* timeout(5, () => slow()))
  same<number | undefined>()(yield* moveOnAfter(5, () => slow()))
  same<boolean>()(yield* new Future<boolean>())
  same<[number, string]>()(yield* gather(slow(), sleep(1, 'x')))
  const [done] = yield* wait([createTask(slow)])
  same<Set<Task<number>>>()(done)
  yield
  // @ts-expect-error only nothing can be yielded
  yield 5
}

async function asyncSpelling(): Promise<void> {
  same<number>()(await call(slow))
  same<number>()(await call(slowAsync))
  same<string>()(await sleep(1, 'x'))
  same<number>()(await createTask(slowAsync))
  same<number>()(await timeout(5, () => slowAsync()))
  same<[number, string]>()(await gather(slow(), sleep(1, 'x')))
  for await (const task of asCompleted([createTask(slow)])) same<number>()(task.result())
}

// ---------------------------------------------------------------- bodies: what the function returns, not a union of T
same<Awaitable<number>>()(timeout(5, () => slow()))
same<Awaitable<number>>()(timeout(5, slowAsync))
same<Awaitable<number>>()(timeout(5, async () => 3))
same<Awaitable<number>>()(timeout(5, () => createTask(slow)))
same<Awaitable<number | string>>()(timeout(5, () => (coin ? slow() : sleep(1, 'x' as string))))
same<Awaitable<string>>()(
  timeout(5, function* () {
    return yield* sleep(1, 'x')
  }),
)
same<Awaitable<1 | 'x'>>()(
  timeout(5, function* () {
    if (coin) return 1
    yield* sleep(1)
    return 'x'
  }),
)
same<Awaitable<void>>()(
  timeout(5, function* () {
    yield
  }),
)
same<Awaitable<number>>()(taskGroup((group) => group.createTask(slow)))
same<Awaitable<number>>()(
  taskGroup(async (group) => {
    const task = group.createTask(slowAsync)
    same<Task<number>>()(task)
    return await task
  }),
)

// a body in a generic function
function within<T>(body: () => Coroutine<T>): Awaitable<T> {
  return timeout(5, body) as Awaitable<T>
}
same<Awaitable<string>>()(
  within(function* () {
    return yield* sleep(1, 'a')
  }),
)

// ---------------------------------------------------------------- targets with arguments
declare function add(a: number, b: number): Coroutine<number>
declare function greet(name: string): Promise<string>

same<Task<number>>()(createTask(add, 1, 2))
same<Task<string>>()(createTask(greet, 'ida'))
same<Task<string>>()(createTask({ name: 'greeter' }, greet, 'ida'))
same<Task<number>>()(createTask(slow()))
same<Task<number>>()(createTask({ name: 'slow' }, slow()))
same<Task<string>>()(createTask(sleep(1, 'x')))
same<Task<number>>()(createTask((n: number) => n, 5))
same<Call<number>>()(call(add, 1, 2))
same<Call<string>>()(call(greet, 'ida'))
// @ts-expect-error an argument is missing
createTask(add, 1)
// @ts-expect-error an argument has the wrong type
createTask(greet, 5)
// @ts-expect-error too many arguments
call(greet, 'ida', 'otto')
// @ts-expect-error a promise is under way already
createTask(slowAsync())

// ---------------------------------------------------------------- wrong yields are rejected wherever code is taken
// @ts-expect-error yields a number
timeout(5, function* () {
  yield 5
})
// @ts-expect-error yields a number
createTask(function* () {
  yield 5
})
// @ts-expect-error yields a number
run(function* () {
  yield 5
})
// @ts-expect-error yields a string
taskGroup(function* () {
  yield 'x'
})
// @ts-expect-error yields a promise
call(function* () {
  yield slowAsync()
})
// @ts-expect-error yields a number
map([1], function* (n) {
  yield n
})

// ---------------------------------------------------------------- the others
same<Promise<number>>()(run(slow))
same<Promise<number>>()(run(slowAsync))
same<Promise<string>>()(run(sleep(1, 'x')))
same<Future<number>>()(shield(slow()))
same<Awaitable<number>>()(waitFor(slow(), 5))
same<Awaitable<number>>()(waitFor(slowAsync, 5))
same<Awaitable<string[]>>()(map(['a'], (name) => greet(name)))
same<Awaitable<number[]>>()(
  map(['a'], function* (name, index) {
    same<string>()(name)
    same<number>()(index)
    return yield* slow()
  }),
)
same<Awaitable<void>>()(
  forEach(new Queue<number>(), function* (item) {
    same<number>()(item)
    yield
  }),
)
same<Awaitable<void>>()(
  forEach(asCompleted([slow()]), function* (task) {
    same<Future<number>>()(task)
    yield
  }),
)
same<Awaitable<void>>()(forEach(['a'], (item) => void same<string>()(item)))
same<Awaitable<void>>()(forEach(generate(), (item) => void same<boolean>()(item)))
same<Awaitable<number>>()(from(slowAsync()))
same<Awaitable<number>>()(from((signal) => (signal.aborted ? 1 : slowAsync())))
same<Awaitable<string>>()(fromCallback<string>((done) => done(null, 'x')))
same<Awaitable<[number]>>()(fromEvent<[number]>(new EventTarget(), 'x'))
same<Call<string>>()(
  awaitable({
    *[Symbol.iterator]() {
      yield
      return 'x' as string
    },
  }),
)
same<Task<number>>()(ensureFuture(slow()))
same<() => Coroutine<number>>()(coroutine(slow))
declare const door: { enter(): Coroutine<string>; exit(): void }
same<Awaitable<number>>()(use(door, (key) => key.length))
same<Awaitable<number>>()(
  use(
    resource<string>((provide) => provide('key')),
    (key) => key.length,
  ),
)
declare function accept<T>(target: Startable<T>): T
same<number>()(accept(slow()))
same<string>()(accept(sleep(1, 'x')))

void generatorSpelling
void asyncSpelling
