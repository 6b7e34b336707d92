"""What an embedded service raises when a person has to do something about it."""


class ServiceUnavailable(RuntimeError):
    """Its text is one sentence that says what to do; commands print it instead of a traceback."""
