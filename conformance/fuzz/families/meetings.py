"""Barriers, and a condition that is waited for with a predicate. See meetings.ts."""
import asyncio


class Meetings:
    def __init__(self):
        super().__init__()
        self.barriers = [asyncio.Barrier(parties) for parties in (2, 3)]
        self.count = 0

    def meet(self, me, barrier):
        return self.barriers[barrier].wait()

    def abort_barrier(self, me, barrier):
        return self.barriers[barrier].abort()

    def reset_barrier(self, me, barrier):
        return self.barriers[barrier].reset()

    def look_at_barrier(self, me, barrier):
        return [self.barriers[barrier].n_waiting, self.barriers[barrier].broken]

    async def count_up(self, me, count):
        async with self.condition:
            self.count += count
            self.condition.notify_all()

    async def wait_for_count(self, me, more):
        async with self.condition:
            enough = self.count + more
            return await self.condition.wait_for(lambda: self.count >= enough)

    def notify_anyhow(self, me, count):
        self.condition.notify(count)
        return []

    def meetings_left(self):
        return [*self.look_at_barrier(0, 0), *self.look_at_barrier(0, 1), self.count]
