"""What the value of an interval is worth: one byte each, beside the values of a block."""

MISSING = 0
MEASURED = 1
ESTIMATED = 2
EDITED = 3
SUSPECT = 4
