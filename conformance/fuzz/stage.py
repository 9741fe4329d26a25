"""
What a program plays on in Python, as stage.ts is in TypeScript: the objects its tasks share, the trace, and what does not
depend on how the program is written. oracle.py plays programs on it, and so do those that python.ts writes out.
"""
import asyncio
import inspect
import logging

from differences import Watch
from families import Families
from virtual import VirtualLoop

# How often the loop goes round before the next cancellation from outside where no time is to pass, and how many of those
# there are: first of the youngest task only, in the last rounds of everything that is left.
PASSES = 12
ROUNDS = 100
LAST_ROUNDS = 40

PERMITS = [1, 2]
QUEUE_SIZES = [1, 0]


class Boom(Exception):
    """The error of user code. Its message says where it came from."""


class Stage(Families):
    def __init__(self):
        super().__init__()
        Watch.stage = self
        self.trace = []
        self.has_parted = False
        self.tasks = {}
        self.groups = {}
        self.timeouts = {}
        self.lock = asyncio.Lock()
        self.condition = asyncio.Condition(self.lock)
        self.event = asyncio.Event()
        self.semaphores = [asyncio.Semaphore(permits) for permits in PERMITS]
        self.queues = [asyncio.Queue(size) for size in QUEUE_SIZES]

    # ---------------------------------------------------------------- the trace

    def say(self, *words):
        """A line of the running task: where and what, and a `!` for each request to cancel it."""
        self.write(*words, *requests_of(asyncio.current_task()), *moment())

    async def say_result(self, place, awaitable):
        """An await that fails goes on, with the error in the trace; one that is cancelled does not."""
        try:
            result = await awaitable
            self.say(place, *self.words_of(result))
        except BaseException as error:
            self.say(place, error)
            if isinstance(error, asyncio.CancelledError):
                raise

    async def perform(self, place, operation):
        """An operation of a family, as a function: what it returns is said, after it was awaited where it can be. None is
        one that has nothing to work on."""
        try:
            result = operation()
            if result is None:
                return
            if inspect.isawaitable(result):
                result = await result
            self.say(place, *self.words_of(result))
        except BaseException as error:
            self.say(place, error)
            if isinstance(error, asyncio.CancelledError):
                raise

    def words_of(self, result):
        if result is None:
            return []
        if isinstance(result, (list, tuple)):
            return [word for one in result for word in self.words_of(one)]
        if isinstance(result, set):
            return [*self.ids_of(result), '/']
        if isinstance(result, asyncio.Task):
            return self.ids_of({result})
        return [result]

    def say_outcomes(self):
        for id, task in sorted(self.tasks.items()):
            self.write(id, 'is', outcome_of(task), *requests_of(task))
        locked = [primitive.locked() for primitive in (self.lock, *self.semaphores)]
        sizes = [queue.qsize() for queue in self.queues]
        self.write('left', *locked, self.event.is_set(), *sizes)
        for words in self.left():
            self.write('left', *words)

    def write(self, *words):
        if not self.has_parted:
            self.trace.append(' '.join(map(word, words)))

    def part_ways(self, decision):
        """From here on polvo does something else on purpose: there is nothing more to compare."""
        self.write('#', decision)
        self.has_parted = True

    # ---------------------------------------------------------------- tasks

    def play(self, first, pace):
        """Play a program, which begins with the coroutine function of its task 0. Returns the trace."""
        logging.disable(logging.CRITICAL)
        loop = VirtualLoop()
        loop.run_until_complete(self.main(first, pace))
        loop.close()
        return self.trace

    async def main(self, first, pace):
        self.tasks[0] = asyncio.create_task(first())
        for round in range(1, ROUNDS + 1):
            ms = pace[round % len(pace)]
            for wait in [ms] if ms > 0 else [0] * PASSES:
                if not self.all_done():
                    await asyncio.sleep(wait)
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

    def others(self, me, *ids):
        """The tasks to wait for: those that are there, without any that might be waiting for this one."""
        return self.known(*(id for id in ids if id > me))

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
        return TaskGroup()

    @staticmethod
    def long_ago():
        return asyncio.get_running_loop().time() - 1000

    def reschedule(self, place, timeout, deadline):
        if timeout not in self.timeouts:
            return
        try:
            self.timeouts[timeout].reschedule(deadline)
            self.say(place)
        except RuntimeError as error:
            self.say(place, error)

    def toggle_event(self, place):
        if self.event.is_set():
            self.event.clear()
        else:
            self.event.set()
        self.say(place, self.event.is_set())


class TaskGroup(asyncio.TaskGroup):
    def __init__(self):
        super().__init__()
        self._tasks = InOrder()

    def _on_task_done(self, task):
        """As of Python 3.13.2: one that is done when it is made says so in the next pass, like all others (gh-128588)."""
        if task in self._tasks:
            super()._on_task_done(task)
        else:
            self._tasks.add(task)
            task.add_done_callback(self._on_task_done)


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


def moment():
    """How late it is, on the clock of the program."""
    now = asyncio.get_running_loop().time()
    return [f'@{now:g}'] if now > 0 else []


def requests_of(task):
    return ['!' * task.cancelling()] if task.cancelling() else []
