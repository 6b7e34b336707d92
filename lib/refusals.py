"""What a business rule says when it forbids an act."""

from __future__ import annotations


class Refusal(Exception):
    """A business rule forbids this act; nothing was changed.

    HTML shows it as an error of the form (422), the API answers 409 with `code`, a task does not retry it.
    `message` is for the person who acts, already translated; `field` names the input it belongs to, if any.
    """

    code = "refused"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
