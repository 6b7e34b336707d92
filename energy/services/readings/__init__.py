"""Files of readings on their way into the store: taken in, read in chunks, checked, merged into interval blocks.

take_in_file keeps a file and queues it; import_steps does the work, one chunk a step; ask_to_cancel stops it behind the
chunk it is at; resume_import queues one again that failed or was cancelled, take_up_abandoned those that lost their
worker.
"""

from energy.services.readings.intake import (
    ImportNotNow,
    ask_to_cancel,
    resume_import,
    take_in_file,
    take_up_abandoned,
)
from energy.services.readings.pipeline import import_steps

__all__ = ["ImportNotNow", "ask_to_cancel", "import_steps", "resume_import", "take_in_file", "take_up_abandoned"]
