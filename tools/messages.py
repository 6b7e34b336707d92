"""Keeps the catalogues of translations without any program but Python.

`--update` collects the translatable strings of the Python sources and the templates into every catalogue and keeps
what is translated already; `--check` names what is missing, fuzzy, unused or has lost a placeholder; `--compile` writes
the binary files.
Django's own command needs the gettext programs, which a machine with only Python does not have.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("accounts", "config", "energy", "enterprises", "incentives", "lib", "parks", "reports", "tenancy")
CATALOGUES = ("locale/zh_Hans/LC_MESSAGES/django.po",)
# Django merges plural forms only from a catalogue whose rule equals its own.
PLURALS = {"zh_Hans": "nplurals=1; plural=0;"}
# What the arguments of a call mean, in order, by the name of the function without its "_lazy".
SIGNATURES = {
    "_": ("msgid",),
    "gettext": ("msgid",),
    "gettext_noop": ("msgid",),
    "ngettext": ("msgid", "msgid_plural"),
    "pgettext": ("msgctxt", "msgid"),
    "npgettext": ("msgctxt", "msgid", "msgid_plural"),
}
CALL = re.compile(rf"\b({'|'.join(sorted(SIGNATURES, key=len, reverse=True))})\(")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


@dataclass(frozen=True)
class Message:
    msgid: str
    msgid_plural: str = ""
    msgctxt: str | None = None
    source: str = ""

    @property
    def key(self) -> tuple[str | None, str, str]:
        return self.msgctxt, self.msgid, self.msgid_plural


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of the project")
    action = parser.add_mutually_exclusive_group(required=True)
    for name in ("update", "check", "compile"):
        action.add_argument(f"--{name}", action="store_const", dest="action", const=name)
    arguments = parser.parse_args()
    root = arguments.root
    if arguments.action == "compile":
        compile_catalogues(root)
        return
    messages = collect_messages(root)
    if arguments.action == "update":
        for name in CATALOGUES:
            update_catalogue(root / name, messages)
        return
    complaints = [complaint for name in CATALOGUES for complaint in complaints_about(root / name, messages)]
    if complaints:
        sys.exit("\n".join([*complaints, f"{len(complaints)} complaints: run `make messages` and translate."]))


def compile_catalogues(root: Path) -> None:
    for name in CATALOGUES:
        if (root / name).exists():
            polib.pofile(str(root / name)).save_as_mofile(str((root / name).with_suffix(".mo")))


def collect_messages(root: Path) -> dict[tuple[str | None, str, str], Message]:
    """All strings of the project, the first place of each kept, in the order of the sources."""
    found: dict[tuple[str | None, str, str], Message] = {}
    for path in source_files(root):
        extract = messages_of_template if path.suffix in {".html", ".txt"} else messages_of_python
        for message in extract(path.read_text(), path.relative_to(root).as_posix()):
            found.setdefault(message.key, message)
    return found


def source_files(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted(path for path in (root / package).rglob("*.py") if "migrations" not in path.parts)
    for suffix in ("html", "txt"):
        yield from sorted((root / "templates").rglob(f"*.{suffix}"))


def messages_of_python(text: str, source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(text, source)):
        if isinstance(node, ast.Call):
            yield from message_of_call(node, source)


def messages_of_template(text: str, source: str) -> Iterator[Message]:
    """Django turns a template into calls of gettext between filler; each call is then read as Python."""
    code = templatize(text, origin=source)
    for match in CALL.finditer(code):
        call = shortest_expression(code, match.start())
        if isinstance(call, ast.Call):
            yield from message_of_call(call, source)


def shortest_expression(code: str, start: int) -> ast.expr | None:
    """The expression that begins at `start` and ends at the first closing bracket that makes it one."""
    end = code.find(")", start)
    while end != -1:
        try:
            return ast.parse(code[start : end + 1], mode="eval").body
        except SyntaxError:
            end = code.find(")", end + 1)
    return None


def message_of_call(call: ast.Call, source: str) -> Iterator[Message]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    signature = SIGNATURES.get(name.removesuffix("_lazy"))
    if signature is None:
        return
    arguments = dict(zip(signature, call.args, strict=False))
    texts = {
        part: node.value
        for part, node in arguments.items()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # A call with anything but literals passes a string on that is marked elsewhere.
    if len(texts) == len(signature) and texts["msgid"]:
        yield Message(**texts, source=source)


def update_catalogue(path: Path, messages: dict[tuple[str | None, str, str], Message]) -> None:
    known = {entry_key(entry): entry for entry in read_catalogue(path)} if path.exists() else {}
    language = path.parent.parent.name
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Project-Id-Version": "ParkZero",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for key, message in messages.items():
        catalogue.append(entry_for(message, known.get(key)))
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    print(f"{path.name}: {len(catalogue)} strings, {len(catalogue.untranslated_entries())} to translate")


def read_catalogue(path: Path) -> polib.POFile:
    return polib.pofile(str(path), wrapwidth=110)


def entry_key(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def entry_for(message: Message, known: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.msgid, msgctxt=message.msgctxt, msgid_plural=message.msgid_plural)
    entry.occurrences = [(message.source, "")]
    if message.msgid_plural:
        entry.msgstr_plural = dict(known.msgstr_plural) if known else {0: ""}
    else:
        entry.msgstr = known.msgstr if known else ""
    if known and "fuzzy" in known.flags:
        entry.flags.append("fuzzy")
    return entry


def complaints_about(path: Path, messages: dict[tuple[str | None, str, str], Message]) -> Iterator[str]:
    if not path.exists():
        yield f"{path.name} is missing for {path.parent.parent.name}"
        return
    entries = {entry_key(entry): entry for entry in read_catalogue(path)}
    for key in messages.keys() - entries.keys():
        yield f"not in the catalogue: {key[1]!r} ({messages[key].source})"
    for key, entry in entries.items():
        fault = fault_of(entry, is_used=key in messages)
        if fault:
            yield f"{fault}: {entry.msgid!r} ({', '.join(place for place, _ in entry.occurrences)})"


def fault_of(entry: polib.POEntry, *, is_used: bool) -> str:
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.obsolete or not is_used:
        return "no longer used"
    if "fuzzy" in entry.flags:
        return "fuzzy"
    if not translations or not all(translations):
        return "not translated"
    known = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
    if any(not placeholders(text) <= known for text in translations):
        return "a placeholder that the original does not have"
    # The count of a plural may be left out; any other placeholder carries something that the reader needs.
    if not entry.msgid_plural and any(placeholders(text) != known for text in translations):
        return "a placeholder is lost"
    return ""


def placeholders(text: str) -> frozenset[str]:
    return frozenset(match.group(0) for match in PLACEHOLDER.finditer(text))


if __name__ == "__main__":
    main()
