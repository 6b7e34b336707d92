"""Says in one line what to do when this Python is too old.

Written so that any Python from 2.7 on can run it: an interpreter that cannot read the file cannot explain itself.
"""

import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.exit(
        "ParkZero needs Python %d.%d or later and this is Python %d.%d: install a newer one and name it, "
        "for example 'make run PYTHON=python3.12'." % (OLDEST + tuple(sys.version_info[:2]))
    )
