"""What families of operations do in Python: for each module of TypeScript here, one with the same name."""
from .timers import Timers


class Families(Timers):
    def left(self):
        """What is left of each at the end, as words: the last lines of the trace."""
        return []
