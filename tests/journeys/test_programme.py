"""The whole life of an incentive, done by people at their browsers: from the template to the second payment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress

from enterprises.choices import EnterpriseKind
from incentives.models import Application, Award, Instalment
from incentives.tasks import settle_notices
from lib.periods import local_day
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import ParkFactory, UserFactory, person

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.journey]
COMPLETED = date(2026, 10, 1)


def reader(name):
    user = UserFactory(name=name, language="en")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def park(db):
    return ParkFactory(name_en="Torch Zone", name_zh="火炬园区", slug="torch")


@pytest.fixture
def officials(park):
    """One person of each role of the park, three experts and two approvers."""
    staff = {
        "Huang Li": Role.PARK_ADMINISTRATOR,
        "Chen Wei": Role.REVIEWER,
        "Tang Bo": Role.EXPERT,
        "Fan Jie": Role.EXPERT,
        "Qiao An": Role.EXPERT,
        "Zhao Ming": Role.APPROVER,
        "Sun Yi": Role.APPROVER,
        "Qian Yu": Role.FINANCE_OFFICER,
    }
    return {name: person(role, park, user=reader(name)) for name, role in staff.items()}


@pytest.fixture
def company(park):
    """The people of an energy service company."""
    with park_scope(park.pk):
        enterprise = EnterpriseFactory(
            park=park,
            name_en="Luyuan Energy Services",
            name_zh="鹭源节能服务有限公司",
            kind=EnterpriseKind.ENERGY_SERVICE,
            registered_capital=Decimal(8_000_000),
            legal_representative="陈路",
        )
    names = {"enterprise_name_en": enterprise.name_en, "enterprise_name_zh": enterprise.name_zh}
    return {
        name: person(role, park, enterprise.pk, user=reader(name), **names)
        for name, role in {"Lin Yue": Role.APPLICANT, "Wu Hao": Role.CERTIFIER}.items()
    }


@pytest.fixture
def arrive(visit):
    arrived = {}

    def at_browser(membership):
        if membership.pk not in arrived:
            visitor = arrived[membership.pk] = visit("en")
            visitor.enter(membership)
        return arrived[membership.pk]

    return at_browser


def test_programme_from_template_to_second_payment(arrive, visit, park, officials, company, tmp_path):
    build(arrive(officials["Huang Li"]))
    applicant, certifier = arrive(company["Lin Yue"]), arrive(company["Wu Hao"])
    path = prepare(applicant, tmp_path)
    file(certifier, path)

    reviewer = arrive(officials["Chen Wei"])
    send_back(reviewer)
    correct(applicant, path)
    file(certifier, path, "Sign and resubmit")
    act(reviewer, "accept")
    for name in ("Tang Bo", "Fan Jie", "Qiao An"):
        score(arrive(officials[name]))
    for name in ("Zhao Ming", "Sun Yi"):
        act(arrive(officials[name]), "approve")
    with park_scope(park.pk):
        assert Application.objects.get().approved_cny == Decimal("1500000.00")

    publish_notice(arrive(officials["Huang Li"]))
    object_to(visit("en"))
    answer_objection(arrive(officials["Huang Li"]))
    with time_machine.travel(datetime.now(UTC) + timedelta(days=30), tick=True):
        settle_notices(park_id=park.pk)
        with park_scope(park.pk):
            assert Award.objects.get().state == "stands"
        pay(arrive(officials["Qian Yu"]))
    with park_scope(park.pk):
        assert [str(row.amount_cny) for row in Instalment.objects.order_by("number")] == ["750000.00", "750000.00"]
        assert {row.state for row in Instalment.objects.all()} == {"paid"}


def build(administrator):
    """From the rules of Xiamen to the published programme, of which half is paid in advance."""
    page = administrator.page
    administrator.open("/programmes/new/")
    page.get_by_role("link", name="Energy management contracts, Xiamen").click()
    administrator.look()
    page.locator("[name=opens_on]").fill("2026-01-01")
    page.locator("[name=closes_on]").fill("2030-12-31")
    page.locator("[name=budget_cny]").fill("20000000")
    page.locator("[name=notice_working_days]").fill("5")
    for condition in ("The award stands", "A year of measured savings"):
        administrator.click("Add a payment")
        last = page.locator("#payments .edit-row").last
        last.locator("input[name$=percent]").fill("50")
        last.locator("input[name$=condition_en]").fill(condition)
        last.locator("input[name$=condition_zh]").fill("条件")
    administrator.click("Save the draft")
    administrator.click("Publish", role="link")
    administrator.click("Publish")


def prepare(applicant, folder):
    """The draft of a project that computes to 2.1 million, with everything that the programme asks for."""
    page = applicant.page
    applicant.open("/offers/")
    page.locator("main a[href^='/offers/']").first.click()
    applicant.look()
    applicant.click("Start an application")
    path = urlsplit(page.url).path.split("/")[2]
    here = f"/applications/{path}/"
    applicant.open(here + "project/")
    answers = {
        "project_title": "Waste heat of the kiln",
        "project_summary": "A heat exchanger dries the moulds.",
        "completed_on": COMPLETED.isoformat(),
        "investment_cny": "20000000.00",
        "saving_tce": "6176.5",
    }
    for name, value in answers.items():
        page.locator(f"[name={name}]").fill(value)
    applicant.click("Save and continue")
    for number in (1, 2):
        applicant.open(f"{here}sections/{number}/")
        fill_section(applicant)
    applicant.open(here + "documents/")
    for number in range(page.locator("input[type=file]").count()):
        paper = folder / f"paper-{number}.pdf"
        paper.write_bytes(PDF + str(number).encode())
        page.locator("input[type=file]").nth(number).set_input_files(paper)
        page.get_by_text(paper.name).first.wait_for()
    applicant.open(here + "check/")
    return here


def fill_section(applicant):
    page = applicant.page
    for field in page.locator("main form :is(input, textarea)[name]:visible").all():
        kind = field.get_attribute("type")
        if kind == "checkbox":
            field.check()
        elif kind == "date":
            field.fill("2025-06-01")
        elif kind != "submit":
            field.fill("3" if field.get_attribute("inputmode") == "decimal" else "Haicang Castings")
    applicant.click("Save and continue")


def file(certifier, path, button="Sign and submit"):
    """See why it is 1.5 million, sign and submit."""
    certifier.open(path + "check/")
    assert certifier.sees("¥2,100,010.00")
    assert certifier.sees("¥1,500,000.00")
    certifier.page.locator("input[name=statement_accepted]").check()
    certifier.click(button)
    assert certifier.sees("EMC-")


def open_case(official):
    official.open("/queue/?view=waiting")
    official.page.locator("main table a[href^='/queue/']").first.click()
    official.look()


def act(official, name):
    """Choose what to do with the one case that waits, and do it."""
    open_case(official)
    official.page.locator(f"label[for=decide-{name}]").click()
    official.page.locator(f"#{name}-form button").click()
    official.look()


def send_back(reviewer):
    """Everything that is missing, said at once."""
    open_case(reviewer)
    reviewer.page.locator("label[for=decide-return]").click()
    reviewer.page.locator("[name=comment_project_summary]").fill("Say which kiln.")
    reviewer.page.locator("[name=comment_investment_cny]").fill("Does it hold the tax?")
    reviewer.page.locator("#return-form button").click()
    reviewer.look()


def correct(applicant, path):
    applicant.open(path + "project/")
    applicant.page.locator("[name=project_summary]").fill("A heat exchanger of kiln 2 dries the moulds.")
    applicant.click("Save and continue")


def score(expert):
    expert.open("/panel/")
    expert.page.locator("main a[href^='/panel/']").first.click()
    expert.look()
    assert "Luyuan" not in expert.page.content()
    for number, points in enumerate(("8", "7.5", "9")):
        expert.page.locator(f"[name=score_{number}]").fill(points)
    expert.page.locator("[name=comment]").fill("Measured over a year.")
    expert.click("Send the scores")


def publish_notice(official):
    official.open("/notices/new/")
    official.page.locator("input[name=awards]").check()
    official.click("Publish the notice")


def object_to(citizen):
    citizen.open("/parks/torch/notices/")
    citizen.page.locator("main a[href*='/notices/']").first.click()
    citizen.look()
    assert "1,500,000.00" in citizen.page.locator("main").inner_text()
    citizen.click("Object", role="link")
    for name, words in {
        "text": "The kiln was renewed with other public money.",
        "name": "Zhou Min",
        "contact": "0592 555 0199",
    }.items():
        citizen.page.locator(f"[name={name}]").fill(words)
    citizen.click("Sign and send the objection")


def open_award(official):
    official.open("/awards/")
    official.page.locator("main a[href^='/awards/']").first.click()
    official.look()


def answer_objection(official):
    open_award(official)
    official.page.locator("main a[href^='/objections/']").first.click()
    official.look()
    assert official.sees("Zhou Min")
    official.page.locator("input[name=outcome][value=dismissed]").check()
    official.page.locator("[name=answer]").fill("The ledger of the city fund names no such payment.")
    official.click("Record the decision")


def pay(officer):
    """Both instalments: the condition confirmed, then paid by the treasury."""
    for number in (1, 2):
        open_award(officer)
        officer.click("Confirm the condition", role="link")
        officer.page.locator("[name=evidence]").fill("Seen in the file.")
        officer.click("Confirm: the treasury may pay")
        open_award(officer)
        officer.click("Record the payment", role="link")
        officer.page.locator("[name=paid_on]").fill(local_day(datetime.now(UTC), "Asia/Shanghai").isoformat())
        officer.page.locator("[name=amount_cny]").fill("750000.00")
        officer.page.locator("[name=reference]").fill(f"T-2026-{number}")
        officer.click("Record the payment")
