"""
Where polvo differs from CPython on purpose. Each difference is watched for while CPython plays: where a program comes to it,
the trace ends with a line that names the decision, and is compared up to there.
"""
import asyncio
from asyncio import timeouts


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
