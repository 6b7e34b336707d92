"""The page of the API works under the same content security policy as every page."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.journey]


def test_page_of_the_api_lists_its_operations_without_a_console_error(browser, live_server):
    page = browser.new_page()
    errors = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))

    answer = page.goto(f"{live_server.url}/api/v1/docs/")
    page.get_by_text("/api/v1/applications/{application_id}/submit/").first.wait_for(timeout=20_000)
    page.locator("#operations-Access-me button").first.click()
    page.locator("#operations-Access-me .opblock-body").wait_for()

    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert page.locator(".opblock").count() >= 17
    assert errors == []
    page.close()
