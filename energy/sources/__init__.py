"""Where the files of feeds are. Each source lists what is there and gets one of it; `Unreached` says why it cannot.

Sources know nothing of feeds or of the database.
"""

from energy.sources.opening import Found, Place, Source, opened_source

__all__ = ["Found", "Place", "Source", "opened_source"]
