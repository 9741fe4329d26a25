"""
What a program plays on in Python, as stage.ts is in TypeScript: the objects its tasks share, the trace, and what does not
depend on how the program is written. oracle.py plays programs on it, and so do those that python.ts writes out.
"""
import asyncio
import contextvars
import logging

# How often the loop goes round before the next cancellation from outside, and how many of those there are: first of the
# youngest task only, in the last rounds of everything that is left.
PASSES = 12
ROUNDS = 100
LAST_ROUNDS = 40

PERMITS = [1, 2]
QUEUE_SIZES = [1, 0, 2]
PARTIES = 2

variable = contextvars.ContextVar('variable', default=0)


class Boom(Exception):
    """The error of user code. Its message says where it came from."""


class Stage:
    def __init__(self):
        self.trace = []
        # The time. It goes on by 1 with each pass of the loop.
        self.now = 0
        self.tasks = {}
        self.groups = {}
        self.timeouts = {}
        self.lock = asyncio.Lock()
        self.condition = asyncio.Condition(self.lock)
        self.event = asyncio.Event()
        self.semaphores = [asyncio.Semaphore(permits) for permits in PERMITS]
        self.queues = [asyncio.Queue(size) for size in QUEUE_SIZES[:-1]] + [asyncio.PriorityQueue(QUEUE_SIZES[-1])]
        self.barrier = asyncio.Barrier(PARTIES)

    # ---------------------------------------------------------------- the trace

    def say(self, *words):
        """A line of the running task: where and what, and a `!` for each request to cancel it."""
        self.write(*words, *requests_of(asyncio.current_task()))

    async def say_result(self, place, awaitable):
        """An await that fails goes on, with the error in the trace; one that is cancelled does not."""
        try:
            result = await awaitable
            self.say(place, *(result if isinstance(result, list) else [result]))
        except BaseException as error:
            self.say(place, error)
            if isinstance(error, asyncio.CancelledError):
                raise

    def say_sets(self, place, done, pending):
        """What `wait` returned: the numbers of the tasks in both sets."""
        self.say(place, *self.ids_of(done), '/', *self.ids_of(pending))

    def say_outcomes(self):
        for id, task in sorted(self.tasks.items()):
            self.write(id, 'is', outcome_of(task), *requests_of(task))
        locked = [primitive.locked() for primitive in (self.lock, *self.semaphores)]
        sizes = [queue.qsize() for queue in self.queues]
        self.write('left', *locked, self.event.is_set(), *sizes, self.barrier.n_waiting, self.barrier.broken)

    def write(self, *words):
        self.trace.append(' '.join(map(word, words)))

    # ---------------------------------------------------------------- tasks

    def play(self, first):
        """Play a program, which begins with the coroutine function of its task 0. Returns the trace."""
        logging.disable(logging.CRITICAL)
        loop = asyncio.new_event_loop()
        loop.time = lambda: self.now
        loop.run_until_complete(self.main(first))
        loop.close()
        return self.trace

    async def main(self, first):
        self.tasks[0] = asyncio.create_task(first())
        for round in range(1, ROUNDS + 1):
            for _ in range(PASSES):
                if self.all_done():
                    break
                self.now += 1
                await asyncio.sleep(0)
            if self.all_done():
                break
            self.cancel_from_outside(round)
        self.say_outcomes()

    def task(self, id):
        """Make the coroutine function of a task from what it does."""
        def decorate(do):
            async def task():
                self.tasks[id] = asyncio.current_task()
                self.say(id, 'starts')
                try:
                    await do()
                except BaseException as error:
                    self.say(id, 'fails', error)
                    raise
                self.say(id, 'ends')
                return id
            return task
        return decorate

    def spawn(self, place, id, coroutine, into=None):
        try:
            self.tasks[id] = self.groups.get(into, asyncio).create_task(coroutine)
            self.say(place, id)
        except RuntimeError as error:
            coroutine.close()
            self.say(place, error)

    def cancel(self, place, id):
        if id in self.tasks:
            self.say(place, id, self.tasks[id].cancel())

    def cancel_later(self, place, me, at, id, duration):
        def cancel():
            if id in self.tasks:
                self.write(f'{me}.{at}', 'later', id, self.tasks[id].cancel())
        self.say(place)
        asyncio.get_running_loop().call_later(duration, cancel)

    def known(self, *ids):
        return [self.tasks[id] for id in ids if id in self.tasks]

    def ids_of(self, tasks):
        return [id for id, task in sorted(self.tasks.items()) if task in tasks]

    def all_done(self):
        return all(task.done() for task in self.tasks.values())

    def cancel_from_outside(self, round):
        pending = [id for id, task in sorted(self.tasks.items()) if not task.done()]
        chosen = pending[-1:] if round < LAST_ROUNDS else pending
        self.write('round', round, *chosen)
        for id in chosen:
            self.tasks[id].cancel()

    # ---------------------------------------------------------------- groups, timeouts, the event

    @staticmethod
    def task_group():
        group = asyncio.TaskGroup()
        group._tasks = InOrder()
        return group

    @staticmethod
    def long_ago():
        return asyncio.get_running_loop().time() - 1

    def reschedule(self, place, timeout, deadline):
        if timeout not in self.timeouts:
            return
        try:
            self.timeouts[timeout].reschedule(deadline)
            self.say(place)
        except RuntimeError as error:
            self.say(place, error)

    def task_done(self, place, queue):
        try:
            self.queues[queue].task_done()
            self.say(place)
        except ValueError as error:
            self.say(place, error)

    def shutdown(self, place, queue, immediate):
        self.queues[queue].shutdown(immediate)
        self.say(place)

    def set_var(self, place, value):
        self.say(place, variable.get())
        variable.set(value)

    def get_var(self, place):
        self.say(place, variable.get())

    @staticmethod
    def to_complete(others):
        """Those to wait for as they complete: several that are done would be handed out in the order of a set."""
        others = list(dict.fromkeys(others))
        done = next((task for task in others if task.done()), None)
        return [task for task in others if task is done or not task.done()]

    def toggle_event(self, place):
        if self.event.is_set():
            self.event.clear()
        else:
            self.event.set()
        self.say(place, self.event.is_set())


class InOrder(dict):
    """What a task group keeps its children in: a set that remembers in which order they came."""

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


def word(value):
    if isinstance(value, bool):
        return str(value).lower()
    return name_of(value) if isinstance(value, BaseException) else str(value)


def name_of(error):
    if isinstance(error, BaseExceptionGroup):
        return f'[{", ".join(sorted(map(name_of, error.exceptions)))}]'
    return str(error) if isinstance(error, Boom) else type(error).__name__


def outcome_of(task):
    if not task.done():
        return 'pending'
    if task.cancelled():
        return 'cancelled'
    return task.exception() or task.result()


def requests_of(task):
    return ['!' * task.cancelling()] if task.cancelling() else []
