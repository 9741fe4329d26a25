"""Semaphores whose permits are taken and given back by hand. See permits.ts."""
import asyncio


class Permits:
    def __init__(self):
        super().__init__()
        self.bounded = [asyncio.BoundedSemaphore(bound) for bound in (1, 3)]

    def acquire(self, me, semaphore):
        return self.bounded[semaphore].acquire()

    def release(self, me, semaphore):
        self.bounded[semaphore].release()
        return []

    def is_locked(self, me, semaphore):
        return self.bounded[semaphore].locked()

    async def with_permit(self, me, semaphore, body):
        async with self.bounded[semaphore]:
            await body()

    def permits_left(self):
        return [semaphore.locked() for semaphore in self.bounded]
