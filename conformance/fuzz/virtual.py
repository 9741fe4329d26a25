"""
Virtual time: a loop whose clock stands still while anything is ready, and jumps to the next timer when nothing is. Its times
are milliseconds, like those of the programs: whole ones, and quarters of them.
"""
import asyncio
import math
import selectors


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._waiting = JumpInsteadOfWaiting()
        super().__init__(self._waiting)
        self._clock_resolution = 0.1
        self._timers = 0

    def time(self):
        return in_quarters(self._waiting.now)

    def call_at(self, when, callback, *args, context=None):
        """Timers that are due together come in the order in which they were set, which CPython leaves open: each is a
        trifle later than the one before it."""
        self._timers += 1
        return super().call_at(when + self._timers * 1e-6, callback, *args, context=context)


class JumpInsteadOfWaiting(selectors.SelectSelector):
    now = 0

    def select(self, timeout=None):
        self.now = in_quarters(self.now) + (timeout or 0)
        return []


def in_quarters(time):
    return math.floor(time * 4) / 4
