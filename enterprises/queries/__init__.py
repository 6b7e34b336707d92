"""Reads that span tables, ready for the pages: one module for each kind of page."""

from enterprises.queries.register import current_interests, history_of, open_invitations, people_of

__all__ = ["current_interests", "history_of", "open_invitations", "people_of"]
