"""Files of readings, each format a reader of its own: it yields columns of readings and names what it cannot read.

Readers know nothing of channels or of the database. What one row cannot be read for costs that row; `UnreadableFile` is
raised for what makes the whole file no file of its format. A reader of the same file always yields the same batches,
so that work which was interrupted goes on behind the last one that was committed.
"""

from energy.formats.batches import Batch, Reading, Refused, UnreadableFile
from energy.formats.opening import opened
from energy.formats.readers import read_batches

__all__ = ["Batch", "Reading", "Refused", "UnreadableFile", "opened", "read_batches"]
