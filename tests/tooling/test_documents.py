"""What the documents say is so."""

import re
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.functional import Promise

from config.celery import app
from enterprises.models import RegisteredFacts, Site

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)


def words_of_fields():
    fields = (*RegisteredFacts._meta.local_fields, *Site._meta.local_fields)
    spoken = [field.verbose_name for field in fields if isinstance(field.verbose_name, Promise)]
    assert len(spoken) == 24
    return spoken


def test_glossary_has_every_term_of_a_registration_in_both_languages():
    glossary = {english: chinese for english, chinese, _meaning in ROW.findall((DOCS / "glossary.md").read_text())}
    spoken = words_of_fields()
    with translation.override("en"):
        english = [str(word) for word in spoken]
    with translation.override("zh-hans"):
        chinese = [str(word) for word in spoken]

    assert [glossary.get(term) for term in english] == chinese


def test_glossary_has_each_term_once():
    terms = [english for english, _chinese, _meaning in ROW.findall((DOCS / "glossary.md").read_text())]

    assert [term for term in terms if terms.count(term) > 1] == []


def test_every_periodic_task_is_described():
    told = re.findall(r"^\| `(\w+\.tasks\.\w+)` \|", (DOCS / "architecture.md").read_text(), re.MULTILINE)

    assert sorted(told) == sorted(entry["task"] for entry in app.conf.beat_schedule.values())


@pytest.mark.parametrize("document", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_links_of_the_documents_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []
