"""Tasks whose first step is taken on the spot. See eager.ts."""
import asyncio


class Eager:
    # Whether an eager task is taking its first step.
    is_in_first_step = False

    def spawn_eager(self, me, task, into, body):
        loop = asyncio.get_running_loop()
        coroutine = body()
        loop.set_task_factory(eager_once)
        outer, self.is_in_first_step = self.is_in_first_step, True
        try:
            self.tasks[task] = self.groups.get(into, loop).create_task(coroutine)
        except RuntimeError:
            loop.set_task_factory(None)
            coroutine.close()
            raise
        finally:
            self.is_in_first_step = outer
        return task


def eager_once(loop, coroutine, **options):
    """What the task itself begins is none of this."""
    loop.set_task_factory(None)
    return asyncio.Task(coroutine, loop=loop, eager_start=True, **options)
