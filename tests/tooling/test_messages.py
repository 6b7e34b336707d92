"""The catalogues of translations: what is collected, what is refused."""

import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tools.messages import messages_of_python, messages_of_template

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = "locale/zh_Hans/LC_MESSAGES/django.po"


def messages(action, root):
    """Run the tool on a project; returns exit status and what it said."""
    outcome = subprocess.run(
        [sys.executable, ROOT / "tools" / "messages.py", action, "--root", root], capture_output=True, text=True
    )
    return outcome.returncode, outcome.stdout + outcome.stderr


@pytest.fixture
def project(tmp_path):
    (tmp_path / "parks").mkdir()
    (tmp_path / "parks" / "views.py").write_text("_('Park')\n_('%(count)s parks of {name}')\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{% translate 'Page' %}")
    return tmp_path


def translate(project, translations):
    catalogue = polib.pofile(str(project / CATALOGUE))
    for entry in catalogue:
        entry.msgstr = translations.get(entry.msgid, "")
    catalogue.save()


COMPLETE = {"Park": "园区", "Page": "页面", "%(count)s parks of {name}": "{name}的%(count)s个园区"}


def test_update_collects_and_keeps_what_is_translated(project):
    messages("--update", project)
    translate(project, {"Park": "园区"})
    (project / "parks" / "forms.py").write_text("_('Form')\n")

    messages("--update", project)

    found = {entry.msgid: entry.msgstr for entry in polib.pofile(str(project / CATALOGUE))}
    assert found == {"Form": "", "Park": "园区", "%(count)s parks of {name}": "", "Page": ""}


def test_check_accepts_a_complete_catalogue(project):
    messages("--update", project)
    translate(project, COMPLETE)

    assert messages("--check", project) == (0, "")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"Park": ""}, "not translated: 'Park' (parks/views.py)"),
        (
            {"%(count)s parks of {name}": "{name}"},
            "a placeholder is lost: '%(count)s parks of {name}' (parks/views.py)",
        ),
        (
            {"Park": "%(name)s"},
            "a placeholder that the original does not have: 'Park' (parks/views.py)",
        ),
    ],
)
def test_check_refuses_a_fault(changes, complaint, project):
    messages("--update", project)
    translate(project, COMPLETE | changes)

    status, said = messages("--check", project)

    assert (status, said.splitlines()[0]) == (1, complaint)


def test_check_refuses_what_is_missing_fuzzy_or_no_longer_used(project):
    messages("--update", project)
    translate(project, COMPLETE)
    catalogue = polib.pofile(str(project / CATALOGUE))
    catalogue.find("Park").flags.append("fuzzy")
    catalogue.save()
    (project / "templates" / "page.html").write_text("{% translate 'Sheet' %}")

    status, said = messages("--check", project)

    assert (status, sorted(said.splitlines()[:-1])) == (
        1,
        [
            "fuzzy: 'Park' (parks/views.py)",
            "no longer used: 'Page' (templates/page.html)",
            "not in the catalogue: 'Sheet' (templates/page.html)",
        ],
    )


def test_compile_writes_what_django_reads(project):
    messages("--update", project)
    translate(project, COMPLETE)

    messages("--compile", project)

    compiled = polib.mofile(str((project / CATALOGUE).with_suffix(".mo")))
    assert {entry.msgid: entry.msgstr for entry in compiled} == COMPLETE


PYTHON = """
_("one")
gettext_lazy("two")
ngettext("a park", "%(count)s parks", count)
pgettext_lazy("month", "May")
_(f"not {collectable}")
_(variable)
gettext("split "
        "in two")
"""


def test_messages_of_python_are_calls_with_literals():
    found = {message.key for message in messages_of_python(PYTHON, "module.py")}

    assert found == {
        (None, "one", ""),
        (None, "two", ""),
        (None, "a park", "%(count)s parks"),
        ("month", "May", ""),
        (None, "split in two", ""),
    }


TEMPLATE = """
<a title="{% translate "It's (here)" %}">{{ _("short") }}</a>
{% blocktranslate trimmed with name=park.name %}
  Welcome to
  {{ name }}, 100%
{% endblocktranslate %}
  {% blocktranslate count n=n %}one{% plural %}{{ n }} many{% endblocktranslate %}
{% translate "May" context "month" %}
{% empty_state _("nothing yet") url _("add") %}
{% field form.name hint=_("a hint") %}
{{ value|default:_("none") }}
{# {% translate "not this" %} #}
"""


def test_messages_of_template_are_found_in_every_tag():
    found = {message.key for message in messages_of_template(TEMPLATE, "page.html")}

    assert found == {
        (None, "It's (here)", ""),
        (None, "short", ""),
        (None, "Welcome to %(name)s, 100%%", ""),
        (None, "one", "%(n)s many"),
        ("month", "May", ""),
        (None, "nothing yet", ""),
        (None, "add", ""),
        (None, "a hint", ""),
        (None, "none", ""),
    }
