"""
The oracle: plays random programs with CPython's asyncio, operation by operation as generator.ts and async.ts do.

A program is a line of JSON on stdin (see program.ts); its trace is a line of JSON on stdout.
"""
import asyncio
import json
import signal
import sys

from stage import Boom, Stage

if sys.version_info < (3, 13):
    sys.exit(f'Python 3.13 or later is needed, and this is {sys.version.split()[0]}.')


class Player:
    def __init__(self, stage):
        self.stage = stage

    def task(self, id, body):
        """The coroutine function of a task."""
        return self.stage.task(id)(lambda: self.block(id, body))

    async def block(self, me, body):
        for operation in body:
            place = f'{me}.{operation["at"]} {operation["do"]}'
            await getattr(self, f'do_{operation["do"]}')(me, place, operation)

    async def do_sleep(self, me, place, operation):
        for _ in range(operation['times']):
            await asyncio.sleep(0)
        self.stage.say(place)

    async def do_sleepFor(self, me, place, operation):
        await asyncio.sleep(duration_of(operation))
        self.stage.say(place)

    async def do_fail(self, me, place, operation):
        self.stage.say(place)
        raise Boom(f'Boom {operation["at"]}')

    # ---------------------------------------------------------------- other tasks

    async def do_cancel(self, me, place, operation):
        self.stage.cancel(place, operation['task'])

    async def do_cancelLater(self, me, place, operation):
        self.stage.cancel_later(place, me, operation['at'], operation['task'], duration_of(operation))

    async def do_cancelSelf(self, me, place, operation):
        asyncio.current_task().cancel()
        self.stage.say(place)

    async def do_await(self, me, place, operation):
        for other in self.others(me, operation['task']):
            await self.stage.say_result(place, other)

    async def do_shield(self, me, place, operation):
        for other in self.others(me, operation['task']):
            await self.stage.say_result(place, asyncio.shield(other))

    async def do_waitFor(self, me, place, operation):
        for other in self.others(me, operation['task']):
            await self.stage.say_result(place, asyncio.wait_for(other, limit_of(operation)))

    async def do_gather(self, me, place, operation):
        others = self.others(me, *operation['tasks'])
        gathered = asyncio.gather(*others, return_exceptions=operation['returnExceptions'])
        await self.stage.say_result(place, gathered)

    async def do_wait(self, me, place, operation):
        others = self.others(me, *operation['tasks'])
        if others:
            options = {'return_when': operation['returnWhen'], 'timeout': limit_of(operation)}
            sets = await asyncio.wait(others, **options)
            self.stage.say_sets(place, *sets)

    def others(self, me, *ids):
        """The tasks to wait for: those that are there, without any that might be waiting for this one."""
        return self.stage.known(*(id for id in ids if id > me))

    async def do_spawn(self, me, place, operation):
        coroutine = self.task(operation['task'], operation['body'])()
        self.stage.spawn(place, operation['task'], coroutine, operation['into'])

    async def do_gatherNew(self, me, place, operation):
        coroutines = [self.task(child['task'], child['body'])() for child in operation['children']]
        gathered = asyncio.gather(*coroutines, return_exceptions=operation['returnExceptions'])
        await self.stage.say_result(place, gathered)

    async def do_shieldNew(self, me, place, operation):
        child = operation['child']
        shielded = asyncio.shield(self.task(child['task'], child['body'])())
        await self.stage.say_result(place, shielded)

    # ---------------------------------------------------------------- what tasks share

    async def do_put(self, me, place, operation):
        await self.stage.queues[operation['queue']].put(me)
        self.stage.say(place)

    async def do_get(self, me, place, operation):
        self.stage.say(place, await self.stage.queues[operation['queue']].get())

    async def do_taskDone(self, me, place, operation):
        self.stage.task_done(place, operation['queue'])

    async def do_join(self, me, place, operation):
        await self.stage.queues[operation['queue']].join()
        self.stage.say(place)

    async def do_shutdown(self, me, place, operation):
        self.stage.shutdown(place, operation['queue'], operation['immediate'])

    async def do_waitBarrier(self, me, place, operation):
        self.stage.say(place, await self.stage.barrier.wait())

    async def do_resetBarrier(self, me, place, operation):
        await self.stage.barrier.reset()
        self.stage.say(place)

    async def do_abortBarrier(self, me, place, operation):
        await self.stage.barrier.abort()
        self.stage.say(place)

    async def do_setVar(self, me, place, operation):
        self.stage.set_var(place, operation['at'])

    async def do_getVar(self, me, place, operation):
        self.stage.get_var(place)

    async def do_asCompleted(self, me, place, operation):
        others = self.stage.to_complete(self.others(me, *operation['tasks']))
        for completed in asyncio.as_completed(others, timeout=limit_of(operation)):
            await self.stage.say_result(place, completed)

    async def do_waitEvent(self, me, place, operation):
        await self.stage.event.wait()
        self.stage.say(place)

    async def do_toggleEvent(self, me, place, operation):
        self.stage.toggle_event(place)

    async def do_waitCondition(self, me, place, operation):
        async with self.stage.condition:
            self.stage.say(place, 'waits')
            await self.stage.condition.wait()
            self.stage.say(place, 'woken')

    async def do_notify(self, me, place, operation):
        async with self.stage.condition:
            self.stage.condition.notify(operation['count'])
            self.stage.say(place)

    async def do_lock(self, me, place, operation):
        async with self.stage.lock:
            self.stage.say(place, 'in')
            await self.block(me, operation['body'])
        self.stage.say(place, 'out')

    async def do_semaphore(self, me, place, operation):
        async with self.stage.semaphores[operation['semaphore']]:
            self.stage.say(place, 'in')
            await self.block(me, operation['body'])
        self.stage.say(place, 'out')

    # ---------------------------------------------------------------- structure

    async def do_call(self, me, place, operation):
        await self.block(me, operation['body'])

    async def do_try(self, me, place, operation):
        try:
            await self.block(me, operation['body'])
        except asyncio.CancelledError as error:
            self.stage.say(place, error)
            await self.block(me, operation['handler'])
            if operation['onCancel'] == 'rethrow':
                raise
            if operation['onCancel'] == 'fail':
                raise Boom(f'Boom {operation["at"]}')
        except Exception as error:
            self.stage.say(place, error)

    async def do_finally(self, me, place, operation):
        try:
            await self.block(me, operation['body'])
        finally:
            self.stage.say(place, 'begins')
            await self.block(me, operation['cleanUp'])
            self.stage.say(place, 'done')

    async def do_group(self, me, place, operation):
        try:
            async with self.stage.task_group() as group:
                self.stage.groups[operation['group']] = group
                await self.block(me, operation['body'])
            self.stage.say(place, 'over')
        except ExceptionGroup as error:
            self.stage.say(place, error)

    async def do_timeout(self, me, place, operation):
        if operation['limit'] != 'never':
            await asyncio.sleep(0)
        deadlines = {'over': self.stage.long_ago(), 'soon': self.stage.now + duration_of(operation)}
        timeout = asyncio.timeout_at(deadlines.get(operation['limit']))
        try:
            async with timeout:
                self.stage.timeouts[operation['timeout']] = timeout
                await self.block(me, operation['body'])
            self.stage.say(place, 'over', timeout.expired())
        except TimeoutError as error:
            self.stage.say(place, error, timeout.expired())

    async def do_reschedule(self, me, place, operation):
        deadline = self.stage.long_ago() if operation['isOver'] else None
        self.stage.reschedule(place, operation['timeout'], deadline)


def duration_of(operation):
    """A time from now: see program.ts."""
    return operation['after'] + operation['at'] / 1000


def limit_of(operation):
    """How long an operation waits at most."""
    return duration_of(operation) if operation['after'] else operation['after']


def trace_of(program):
    stage = Stage()
    return stage.play(Player(stage).task(0, program['body']))


signal.signal(signal.SIGINT, signal.SIG_DFL)
print('ready', flush=True)
for line in sys.stdin:
    print(json.dumps(trace_of(json.loads(line))), flush=True)
