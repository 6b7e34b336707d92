"""What apps above add to the page on which officials see an enterprise; `parks.page_sections` says how."""

from __future__ import annotations

from enterprises.models import Enterprise
from parks.page_sections import PageSections

enterprise_detail: PageSections[Enterprise] = PageSections("enterprise")
