"""Everything that takes time. See timers.ts."""
import asyncio


class Timers:
    def rest(self, me, ms):
        return asyncio.sleep(ms)

    def cancel_later(self, me, task, ms):
        def cancel():
            if task in self.tasks:
                self.write('timer', task, self.tasks[task].cancel())

        asyncio.get_running_loop().call_later(ms, cancel)
        return []

    def extend(self, me, timeout, ms):
        if timeout not in self.timeouts:
            return None
        self.timeouts[timeout].reschedule(asyncio.get_running_loop().time() + ms)
        return []

    def is_expired(self, me, timeout):
        return [self.timeouts[timeout].expired()] if timeout in self.timeouts else None

    def wait_for_task(self, me, task, ms):
        for other in self.others(me, task):
            return asyncio.wait_for(other, ms)

    def wait_for_some(self, me, tasks, return_when, ms):
        others = self.others(me, *tasks)
        return asyncio.wait(others, return_when=return_when, timeout=ms) if others else None

    def wait_for_body(self, me, ms, body):
        return asyncio.wait_for(body(), ms)

    async def limit(self, me, timeout, ms, is_absolute, body):
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout_at(loop.time() + ms) if is_absolute else asyncio.timeout(ms)
        async with limit:
            self.timeouts[timeout] = limit
            await body()
