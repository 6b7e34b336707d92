"""What happened in metering, for whoever has to act on it. Ids and plain values only."""

from tenancy.events import Event

reading_import_queued = Event("energy.reading_import_queued")
"""park_id, reading_import_id: a file was taken in and waits for the worker."""
readings_imported = Event("energy.readings_imported")
"""park_id, reading_import_id, first_day, last_day (ISO, or null): a file is done. For contracts and reports."""
import_undo_asked = Event("energy.import_undo_asked")
"""park_id, import_undo_id: an import is to be undone, and waits for the worker."""
import_undone = Event("energy.import_undone")
"""park_id, import_undo_id: an import is undone; the days that changed are to be looked at."""
feed_due = Event("energy.feed_due")
"""park_id, feed_id: it is time to look for files of a feed, or somebody asked for it."""
readings_corrected = Event("energy.readings_corrected")
"""park_id, channel_id, first_day, last_day (ISO): a person estimated or edited readings, undid it,
or undid an import."""
readings_looked_at = Event("energy.readings_looked_at")
"""park_id, spans: by channel the first and last day (since 1970) that changed, of channels that others hang on."""
channel_formula_written = Event("energy.channel_formula_written")
"""park_id, channel_id: a virtual channel is to be worked out, all of its days."""
formula_inputs_changed = Event("energy.formula_inputs_changed")
"""park_id, channel_id, first_day, last_day (ISO): a virtual channel is to be worked out on these days."""
readings_asked_again = Event("energy.readings_asked_again")
"""park_id, reading_issue_id: the park asks whoever keeps the meter for readings."""
