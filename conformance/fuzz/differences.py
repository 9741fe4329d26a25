"""
Where polvo differs from CPython on purpose. Where that is a matter of a line, CPython is made to do the same; else it is
watched while it plays, and where a program comes to the difference, the trace ends with a line that names the decision, and is
compared up to there.
"""
import asyncio
from asyncio import tasks, timeouts


class Watch:
    """For the stage on which something is played at the moment."""
    stage = None


class WatchedTimeout(asyncio.Timeout):
    """0020: a timeout that was entered with a cancellation under way loses it when it expires (gh-134471)."""
    async def __aenter__(self):
        self._loses_request = asyncio.current_task()._must_cancel
        return await super().__aenter__()

    async def __aexit__(self, *error):
        try:
            return await super().__aexit__(*error)
        except TimeoutError:
            if self._loses_request:
                Watch.stage.part_ways('0020')
            raise


timeouts.Timeout = WatchedTimeout


class TakenWhenHad(tasks._AsCompletedIterator):
    """0021: a wait for the next completion that is cancelled has taken none."""
    async def _wait_for_one(self, resolve=False):
        try:
            future = await super()._wait_for_one()
        except asyncio.CancelledError:
            self._todo_left += 1
            raise
        return future.result() if resolve else future


class HandOverQueue(asyncio.Queue):
    """
    0022: a queue wakes those who wait, and they help themselves when they run; a channel hands over on the spot. In between
    the two differ for whoever comes then, and for one who is cancelled then.
    """
    def __init__(self, size):
        super().__init__(size)
        # Who is in `get` and `put`, and the future that they wait for, if any.
        self.getting = {}
        self.putting = {}

    def _get_loop(self):
        """Who waits is asked for a future here."""
        return self

    def create_future(self):
        future = asyncio.get_running_loop().create_future()
        me = asyncio.current_task()
        (self.getting if me in self.getting else self.putting)[me] = future
        return future

    async def get(self):
        self.part_where(woken(self.getting) > 0 or woken(self.putting) > 0 and self.empty())
        return await self.noting(self.getting, super().get(), most=1)

    async def put(self, item):
        self.part_where(woken(self.putting) > 0 or woken(self.getting) > 0 and self.full())
        await self.noting(self.putting, super().put(item), most=0)

    async def noting(self, waits, operation, most):
        """A cancelled one may be in between with at most so many of its kind, itself included."""
        me = asyncio.current_task()
        waits[me] = None
        try:
            return await operation
        except asyncio.CancelledError:
            self.part_where(is_woken(waits[me]) and woken(waits) > most)
            raise
        finally:
            del waits[me]

    def get_at_once(self):
        self.part_where(woken(self.getting) > 0 or woken(self.putting) > 0 and self.empty())
        return self.get_nowait()

    def put_at_once(self, item):
        self.part_where(woken(self.putting) > 0 or woken(self.getting) > 0 and self.full())
        self.put_nowait(item)

    def close_sender(self):
        self.part_where(len(self.putting) > 0)
        self.shutdown()

    def close_receiver(self):
        self.part_where(woken(self.getting) + woken(self.putting) > 0)
        self.shutdown(immediate=True)

    @staticmethod
    def part_where(is_between):
        if is_between:
            Watch.stage.part_ways('0022')


def is_woken(future):
    return future is not None and future.done() and not future.cancelled()


def woken(waits):
    """How many were woken, and have not run since."""
    return sum(map(is_woken, waits.values()))
