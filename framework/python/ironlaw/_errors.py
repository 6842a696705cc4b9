"""What the host refuses or fails at, with its own line."""


class Error(Exception):
    """Root of what the host raises. Its text is one line: where, what, what is allowed, and the nearest right spelling."""


class InputError(Error, ValueError):
    """Bad input, found before anything ran."""


class Refusal(Error, ValueError):
    """A solver or an object says no to what it was given: a fact is lacking, or a value is outside what the equation allows.

    A solver in Python raises it to refuse the rows at hand."""


class PluginError(Error, RuntimeError):
    """A plugin, or a solver in Python, failed."""
