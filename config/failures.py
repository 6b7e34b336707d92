"""What stops a command before it has begun."""


class CannotStart(RuntimeError):
    """Its text is one line that says what to do; commands print it instead of a traceback."""
