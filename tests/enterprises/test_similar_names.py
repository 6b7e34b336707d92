"""Which names look like which: the score, and whom the search finds."""

import pytest
from django.db import DatabaseError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.models import Enterprise
from enterprises.services.imports.alike import core_names, pairs_of
from tenancy.scopes import enterprise_scope, park_scope, platform_scope, public_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db
# One transaction for all examples: nothing is written.
READS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CHINESE = st.text("厦门晨光电新材料海沧生物科技远洋", min_size=2, max_size=10)
ENGLISH = st.lists(st.text("abdekmnrt", min_size=4, max_size=9), min_size=1, max_size=3).map(" ".join)
# No name that is registered holds characters of control.
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
NAMES = CHINESE | ENGLISH | WORDS


def likeness(one, other):
    with connection.cursor() as cursor:
        cursor.execute("SELECT enterprises_likeness(%s, %s)", [one.replace("\0", ""), other.replace("\0", "")])
        return cursor.fetchone()[0]


@READS
@given(one=NAMES, other=NAMES)
def test_likeness_is_the_same_from_both_sides_and_within_bounds(db, one, other):
    score = likeness(one, other)

    assert score == likeness(other, one)
    assert 0 <= score <= 1


@READS
@given(name=CHINESE | ENGLISH)
def test_likeness_of_equal_names_is_one(db, name):
    assert likeness(name, name) == 1


@READS
@given(name=CHINESE, form=st.sampled_from(["有限公司", "股份有限公司", "有限责任公司", "（集团）有限公司", "集团"]))
def test_likeness_ignores_the_legal_form_of_a_chinese_name(db, name, form):
    assert likeness(name + form, name) == 1


@READS
@given(
    name=ENGLISH, form=st.sampled_from([" Co., Ltd.", " Company Limited", " Inc", " (China) Group", " Holdings Corp."])
)
def test_likeness_ignores_the_legal_form_of_an_english_name(db, name, form):
    assert likeness(name.title() + form, name.upper()) == 1


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("厦门晨光光电有限公司", "厦门晨光光电股份有限公司", 1),
        ("厦门晨光光电有限公司", "厦门（晨光）光电有限公司", pytest.approx(6 / 8)),
        ("厦门晨光光电有限公司", "厦门远洋物流有限公司", pytest.approx(2 / 10)),
        ("Chengguang Opto", "", 0),
        ("", "", 0),
        ("有限公司", "公司", 0.5),
        ("Co Ltd", "CO., LTD.", 1),
    ],
)
def test_likeness_counts_shared_pairs(db, one, other, score):
    assert likeness(one, other) == score


@pytest.fixture
def park():
    park, other = ParkFactory(), ParkFactory()
    for owner in (park, other):
        with park_scope(owner.pk):
            for code, name_zh, name_en in (
                ("91350200MA2YJ1XR9G", "厦门晨光光电有限公司", "Xiamen Chengguang Optoelectronics Co., Ltd."),
                ("91350213678251743X", "厦门海沧生物股份有限公司", "Haicang Biopharma"),
                ("91350200MA8UT0007H", "厦门远洋物流有限公司", "Xiamen Ocean Logistics"),
            ):
                EnterpriseFactory(park=owner, credit_code=code, name_zh=name_zh, name_en=name_en)
    return park


def similar(park, name_zh, name_en="", least=0.6, most=10):
    with park_scope(park.pk), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM enterprises_similar_names(%s, %s, %s, %s)", [name_zh, name_en, least, most])
        scores = dict(cursor.fetchall())
        found = Enterprise.objects.filter(pk__in=scores)
        assert {enterprise.park_id for enterprise in found} <= {park.pk}
        assert len(found) == len(scores)
        return {enterprise.credit_code: round(scores[enterprise.pk], 2) for enterprise in found}


@pytest.mark.parametrize(
    ("name_zh", "name_en", "found"),
    [
        ("厦门晨光光电股份有限公司", "", {"91350200MA2YJ1XR9G": 1}),
        ("晨光光电（厦门）有限公司", "", {"91350200MA2YJ1XR9G": 0.89}),
        ("厦门晨光电子有限公司", "", {"91350200MA2YJ1XR9G": 0.8}),
        ("别的名字", "HAICANG BIOPHARMA LTD", {"91350213678251743X": 1}),
        ("厦门新能源有限公司", "Xiamen New Energy", {}),
        ("有限公司", "Co., Ltd.", {}),
        ("", "", {}),
    ],
)
def test_similar_names_are_found_in_the_park_alone(park, name_zh, name_en, found):
    assert similar(park, name_zh, name_en) == found


def test_similar_names_come_best_first_and_no_more_than_asked_for(park):
    with park_scope(park.pk):
        EnterpriseFactory(park=park, name_zh="厦门晨光光电集团", name_en="")
        with connection.cursor() as cursor:
            cursor.execute("SELECT score FROM enterprises_similar_names('厦门晨光电子', '', 0.2, 3)")
            scores = [row[0] for row in cursor.fetchall()]

    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 3


@pytest.mark.parametrize("name", ["%", "_", "\\", "'; drop table x --", "x" * 200, "\u2029"])
def test_similar_names_take_any_text(park, name):
    assert similar(park, name, name) == {}


@READS
@given(name=CHINESE)
def test_whoever_is_similar_enough_is_found(park, name):
    """The search looks up the rarest pairs only; nobody of the likeness asked for may be missed for that."""
    with park_scope(park.pk), connection.cursor() as cursor:
        cursor.execute(
            "SELECT credit_code FROM enterprises_enterprise WHERE enterprises_likeness(name_zh, %s) >= 0.6", [name]
        )
        alike = {row[0] for row in cursor.fetchall()}

    assert set(similar(park, name)) == alike


@pytest.mark.parametrize("number", range(3))
def test_similar_names_are_for_officials(park, number):
    with park_scope(park.pk):
        enterprise = Enterprise.objects.first()
    scopes = [enterprise_scope(park.pk, enterprise.pk), public_scope(park.pk), platform_scope()]
    with pytest.raises(DatabaseError, match="permission denied"), scopes[number], connection.cursor() as cursor:
        cursor.execute("SELECT enterprises_similar_names('厦门晨光', '', 0.5, 5)")


@READS
@given(name=NAMES)
def test_pairs_of_imported_names_are_those_of_the_search(db, name):
    (core,) = core_names([name.replace("\0", "")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT enterprises_pairs(%s)", [core])
        assert pairs_of(core) == set(cursor.fetchone()[0])
