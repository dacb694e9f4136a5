"""Logging in and out, by hand."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.hands import log_in_as


def test_asks_who_is_there_before_showing_anything(people: Callable[..., Page]) -> None:
    page = people("stranger", path="/flows")

    expect(page.get_by_label("User name")).to_be_visible()


def test_tells_a_wrong_password(people: Callable[..., Page]) -> None:
    page = people("admin", path="/login")

    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_text("The username or the password is wrong")).to_be_visible()


def test_shows_an_admin_the_demos_flow_and_stays_logged_in_after_a_reload(people: Callable[..., Page]) -> None:
    page = people("admin")

    log_in_as(page, "admin")
    page.goto("/flows")
    page.reload()

    expect(page.get_by_text("Welcome").first).to_be_visible()
