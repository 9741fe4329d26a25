"""What families of operations do in Python: for each module of TypeScript here, one with the same name."""
from .channels import Channels
from .completions import Completions
from .contexts import Contexts
from .eager import Eager
from .meetings import Meetings
from .permits import Permits
from .queues import Queues
from .timers import Timers


class Families(Timers, Completions, Contexts, Eager, Permits, Meetings, Queues, Channels):
    def left(self):
        """What is left of each at the end, as words: the last lines of the trace."""
        return [self.permits_left(), self.meetings_left(), self.queues_left()]
