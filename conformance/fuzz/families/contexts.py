"""Context variables. See contexts.ts."""
import asyncio
import contextvars


class Contexts:
    def __init__(self):
        super().__init__()
        self.variables = [contextvars.ContextVar(name, default=-1) for name in ('v0', 'v1')]
        self.tokens = {}
        self.copies = {}

    def get_var(self, me, variable):
        return self.variables[variable].get()

    def set_var(self, me, variable, value, token):
        self.tokens[token] = self.variables[variable].set(value)
        return value

    def reset_var(self, me, variable, token):
        if token not in self.tokens:
            return None
        self.variables[variable].reset(self.tokens[token])
        return self.variables[variable].get()

    def peek_later(self, me, variable, ms):
        asyncio.get_running_loop().call_later(ms, lambda: self.write('peek', variable, self.variables[variable].get()))
        return []

    def copy_context(self, me, context):
        self.copies[context] = contextvars.copy_context()
        return []

    def run_in_context(self, me, context, variable, value):
        def look_and_set():
            before = self.variables[variable].get()
            self.variables[variable].set(value)
            return [before, self.variables[variable].get()]

        if self.is_in_first_step or context not in self.copies:
            return None
        return self.copies[context].run(look_and_set)

    def spawn_in(self, me, task, context, body):
        if context not in self.copies:
            return None
        self.tasks[task] = asyncio.create_task(body(), context=self.copies[context])
        return task
