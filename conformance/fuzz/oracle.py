"""
The oracle: plays random programs with CPython's asyncio, operation by operation as generator.ts and async.ts do.

A program is a line of JSON on stdin (see program.ts); its trace is a line of JSON on stdout.
"""
import asyncio
import json
import re
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
            perform = getattr(self, f'do_{operation["do"]}', self.do_in_family)
            await perform(me, place, operation)

    async def do_in_family(self, me, place, operation):
        """An operation of families/: a method of the stage, which takes what is in the operation by name."""
        method = getattr(self.stage, snake_case(operation['do']))
        details = {snake_case(name): value for name, value in operation.items() if name not in ('at', 'do')}
        if 'task' in details and 'body' in details:
            details['body'] = self.task(details['task'], details['body'])
        elif 'body' in details:
            details['body'] = lambda: self.block(me, operation['body'])
        await self.stage.perform(place, lambda: method(me, **details))

    async def do_sleep(self, me, place, operation):
        for _ in range(operation['times']):
            await asyncio.sleep(0)
        self.stage.say(place)

    async def do_fail(self, me, place, operation):
        self.stage.say(place)
        raise Boom(f'Boom {operation["at"]}')

    # ---------------------------------------------------------------- other tasks

    async def do_cancel(self, me, place, operation):
        self.stage.cancel(place, operation['task'])

    async def do_cancelSelf(self, me, place, operation):
        asyncio.current_task().cancel()
        self.stage.say(place)

    async def do_await(self, me, place, operation):
        for other in self.stage.others(me, operation['task']):
            await self.stage.say_result(place, other)

    async def do_shield(self, me, place, operation):
        for other in self.stage.others(me, operation['task']):
            await self.stage.say_result(place, asyncio.shield(other))

    async def do_waitFor(self, me, place, operation):
        for other in self.stage.others(me, operation['task']):
            await self.stage.say_result(place, asyncio.wait_for(other, 0))

    async def do_gather(self, me, place, operation):
        others = self.stage.others(me, *operation['tasks'])
        gathered = asyncio.gather(*others, return_exceptions=operation['returnExceptions'])
        await self.stage.say_result(place, gathered)

    async def do_wait(self, me, place, operation):
        others = self.stage.others(me, *operation['tasks'])
        if others:
            sets = await asyncio.wait(others, return_when=operation['returnWhen'])
            self.stage.say(place, *self.stage.words_of(sets))

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
        timeout = asyncio.timeout_at(self.stage.long_ago() if operation['limit'] == 'over' else None)
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


def snake_case(name):
    return re.sub('[A-Z]', lambda capital: f'_{capital[0].lower()}', name)


def trace_of(program):
    stage = Stage()
    return stage.play(Player(stage).task(0, program['body']), program['pace'])


signal.signal(signal.SIGINT, signal.SIG_DFL)
print('ready', flush=True)
for line in sys.stdin:
    print(json.dumps(trace_of(json.loads(line))), flush=True)
