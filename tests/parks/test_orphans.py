"""Files that a rolled-back upload left behind are deleted, and no others, whoever may see their rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import ProgrammingError, transaction
from django.utils import timezone

from energy.models import ReadingImport
from enterprises.models import EnterprisePaper, RegisterImport, Registration, RegistrationPaper
from incentives.models import Agreement, AppealPaper, ApplicationDocument, Dossier, ObjectionPaper
from lib.identifiers import uuid7
from parks import tasks
from parks.choices import Role
from parks.services import orphans
from tenancy.kept_files import kept_files
from tenancy.scopes import Author, login_scope, park_scope, registrant_scope
from tests.factories.people import UserFactory
from tests.factories.register import RegistrationFactory, paper, register_import, registration_paper

pytestmark = pytest.mark.django_db
KINDS = [
    Agreement,
    AppealPaper,
    ApplicationDocument,
    Dossier,
    EnterprisePaper,
    ObjectionPaper,
    ReadingImport,
    RegisterImport,
    RegistrationPaper,
]


@pytest.fixture
def draft_paper(side):
    """Of a registration that was never filed: no official sees it."""
    user = UserFactory()
    with registrant_scope(side.park.pk, Author(user_id=user.pk, name=user.name)):
        draft = RegistrationFactory(park=side.park, registrant=user, registrant_name=user.name)
        return registration_paper(draft)


def lost(side, place):
    return default_storage.save(f"parks/{side.park.pk}/{place}/{uuid7()}", ContentFile(b"lost"))


def files_of(side):
    with login_scope(Author()):
        return {path for place in orphans.sweepable_places(side.park.pk) for path in orphans._files_in(place)}


def sweep(side, now):
    with login_scope(Author()):
        return orphans.sweep_orphans(list(orphans.sweepable_places(side.park.pk)), now)


def test_every_kind_of_file_is_found_by_an_index():
    indexed = [kind for kind in KINDS if any(index.fields == ["file"] for index in kind._meta.indexes)]
    assert indexed == KINDS


def test_every_kind_of_file_is_known():
    assert sorted(orphans.kinds_of_files(), key=lambda kind: kind.__name__) == KINDS


def test_file_of_a_rolled_back_upload_is_deleted_after_a_day(side):
    firm, owner = side.firm, side.firm.people[Role.OWNER].user
    with pytest.raises(ZeroDivisionError), park_scope(side.park.pk), transaction.atomic():
        gone = paper(firm.enterprise, owner, "lost.pdf").file.name
        raise ZeroDivisionError
    before = files_of(side)
    assert gone in before
    now = timezone.now()
    assert sweep(side, now + timedelta(hours=23)) == 0, "its transaction may still be open"
    assert (sweep(side, now + timedelta(hours=25)), sweep(side, now + timedelta(hours=25))) == (1, 0)
    assert files_of(side) == before - {gone}


@pytest.mark.parametrize("place", ["applications/{}", "enterprises/{}", "registrations/{}", "register-imports"])
def test_files_without_a_row_are_found_wherever_files_are_kept(side, place):
    gone = lost(side, place.format(uuid7()))
    assert sweep(side, timezone.now() + timedelta(days=2)) == 1
    assert not default_storage.exists(gone)


def test_file_of_every_row_stays_seen_by_officials_or_not(scene, side, draft_paper):
    person = side.staff[Role.REVIEWER].user
    with park_scope(side.park.pk):
        assert not Registration.objects.filter(pk=draft_paper.registration_id).exists()
        kept = {paper(side.firm.enterprise, person, "kept.pdf").file.name}
        found = register_import(side.park, person, "register.csv")
        found.file.save("register.csv", ContentFile(b"a"), save=True)
        kept |= {found.file.name, side.firm.document.file.name, draft_paper.file.name}
    logo = default_storage.save(f"parks/{side.park.pk}/logo/{uuid7()}", ContentFile(b"logo"))
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        tasks.sweep_every_park.delay()
    assert kept <= files_of(side)
    assert default_storage.exists(logo)


def test_file_that_a_registration_and_its_enterprise_share_stays_for_either(side, draft_paper):
    owner = side.firm.people[Role.OWNER].user
    with park_scope(side.park.pk):
        shared = EnterprisePaper(
            park=side.park,
            enterprise=side.firm.enterprise,
            kind=draft_paper.kind,
            name="a.pdf",
            size_bytes=1,
            sha256=draft_paper.sha256,
            uploaded_by=owner,
            file=draft_paper.file.name,
        )
        shared.save(force_insert=True)
    for table in ("enterprises_enterprisepaper", "enterprises_registrationpaper"):
        with login_scope(Author()):
            assert kept_files([table], [draft_paper.file.name]) == {draft_paper.file.name}
    assert sweep(side, timezone.now() + timedelta(days=400)) == 0


def test_sweep_of_every_park_is_cut_into_tasks(scene, monkeypatch):
    monkeypatch.setattr(tasks, "PLACES_A_TASK", 2)
    gone = [lost(side, f"registrations/{uuid7()}") for side in (scene.ours, scene.others) for _time in range(3)]
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        tasks.sweep_every_park.delay()
    assert [path for path in gone if default_storage.exists(path)] == []


def test_sweep_asks_once_whatever_the_number_of_files(side, django_assert_num_queries):
    for _time in range(30):
        lost(side, f"enterprises/{uuid7()}")
    with login_scope(Author()):
        places = list(orphans.sweepable_places(side.park.pk))
        for some in (places[:1], places[1:]):
            with django_assert_num_queries(1):
                orphans.sweep_orphans(some, timezone.now() + timedelta(days=2))


def test_sweep_of_a_park_without_files_finds_nothing():
    with login_scope(Author()):
        assert list(orphans.sweepable_places(999_999)) == []


def test_nobody_who_acts_asks_which_files_there_are(side):
    with pytest.raises(ProgrammingError, match="permission denied"), park_scope(side.park.pk), transaction.atomic():
        kept_files(["enterprises_registrationpaper"], ["parks/1/registrations/a/b"])
