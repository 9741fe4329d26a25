"""Going through tasks as they are done. See completions.ts."""
import asyncio

from differences import TakenWhenHad


class Completions:
    def __init__(self):
        super().__init__()
        self.completions = {}

    def open_completions(self, me, completions, tasks, ms):
        others = self.at_most_one_done(self.others(me, *tasks))
        self.completions[completions] = TakenWhenHad(others, ms)
        return others

    def at_most_one_done(self, tasks):
        """In which order `as_completed` takes those that are done already is the order of a set: without all but the first."""
        done = [task for task in tasks if task.done()]
        return [task for task in tasks if task not in done[1:]]

    def next_result(self, me, completions):
        if completions not in self.completions:
            return None
        return next(self.completions[completions], ['end'])

    def next_task(self, me, completions):
        if completions not in self.completions:
            return None
        return anext(self.completions[completions], 'end')

    def spawn_taker(self, me, task, body):
        self.tasks[task] = asyncio.create_task(body())
        return task
