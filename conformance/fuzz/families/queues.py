"""Queues of all kinds, with everything that can be done to them. See queues.ts."""
import asyncio


class Queues:
    def __init__(self):
        super().__init__()
        self.all_queues = [asyncio.PriorityQueue(2), asyncio.LifoQueue(2), asyncio.PriorityQueue(), asyncio.Queue(1)]

    def put_item(self, me, queue, item):
        return self.all_queues[queue].put(item)

    def get_item(self, me, queue):
        return self.all_queues[queue].get()

    def put_nowait(self, me, queue, item):
        self.all_queues[queue].put_nowait(item)
        return []

    def get_nowait(self, me, queue):
        return self.all_queues[queue].get_nowait()

    def task_done(self, me, queue):
        self.all_queues[queue].task_done()
        return []

    def join_queue(self, me, queue):
        return self.all_queues[queue].join()

    def look_at_queue(self, me, queue):
        return state_of(self.all_queues[queue])

    def shut_down(self, me, queue, immediate):
        self.all_queues[queue].shutdown(immediate)
        return []

    def queues_left(self):
        return [word for queue in self.all_queues for word in (*state_of(queue), 'with', *emptied(queue))]


def state_of(queue):
    return [queue.qsize(), queue.empty(), queue.full()]


def emptied(queue):
    return [queue.get_nowait() for _ in range(queue.qsize())]
