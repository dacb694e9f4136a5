"""Makes the demo account, all or nothing, and keeps what depends on the installation's address right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from accounts import queries as account_queries
from accounts import services as account_services
from channels_app import services as channel_services
from common import ids
from common.api.app import ADMIN, AGENT, SUPERVISOR
from common.api.errors import public_url
from config.demo import flow, passwords
from conversations.services import AddressTarget
from flows import queries as flow_queries
from flows import services as flow_services
from routing import queries as routing_queries
from routing import services as routing_services

if TYPE_CHECKING:
    from accounts.models import Account, User

ACCOUNT = "Demo"
ECHO_PATH = "/demo/echo"


@dataclass(frozen=True, slots=True)
class Person:
    """A demo user; ``skills`` None for one who takes no tasks."""

    username: str
    name: str
    role: str
    skills: tuple[str, ...] | None = None


PEOPLE = (
    Person("admin", "Alex Admin", ADMIN),
    Person("supervisor", "Sam Supervisor", SUPERVISOR),
    Person("ana", "Ana Almeida", AGENT, ("sales", "general", "spanish")),
    Person("ben", "Ben Berger", AGENT, ("support", "general", "german")),
)

WEB_CHAT = {
    "title": "Northwind",
    "greeting": "Hello! Ask us anything about our tents, boots and trips.",
    "accent": "#1d6f65",
    "leave_message_after": 60,
    "identity": "optional",
}

# type, provider, address, name
SENDERS = (
    ("chat", "web", "Demo web chat", "Web chat"),
    ("sms", "sandbox", "+15550100001", "SMS (simulated)"),
    ("whatsapp", "sandbox", "whatsapp:+15550100002", "WhatsApp (simulated)"),
)


def bring(*, now: datetime) -> Account:
    """
    Return the demo account, made if it is missing; what its users changed since is left alone.

    :raises Conflict: a user of another account has one of the demo's usernames.
    """
    account = account_queries.demo_account()
    if account is None:
        account = _make(now)
    else:
        _renew_password(account)
        _follow_address(account, now)
    return account


@transaction.atomic
def _make(now: datetime) -> Account:
    account = account_services.create_account(name=ACCOUNT, is_demo=True, now=now)
    routing_services.provision_workspace(account_id=account.id, now=now)
    password = passwords.wanted()
    users = [_make_user(account, person, password, now) for person in PEOPLE]
    made = flow_services.create_flow(
        account_id=account.id,
        friendly_name=flow.NAME,
        definition=_definition(account, public_url(ECHO_PATH)),
        status="published",
        author=users[0].sid,
        commit_message="The demo's flow",
        now=now,
    )
    for type, provider, address, name in SENDERS:
        connection = channel_services.create_connection(
            account_id=account.id,
            type=type,
            provider=provider,
            address=address,
            friendly_name=name,
            actor=users[0].sid,
            now=now,
        )
        if provider == "web":
            _dress_web_chat(account, connection.id, users[0], now)
        flow_services.save_address(
            account_id=account.id,
            type=type,
            address=address,
            to=AddressTarget(target="studio", flow_id=made.id),
            author=users[0].sid,
            friendly_name=name,
            now=now,
        )
    # Last, so that the file never names a password that nobody has.
    passwords.keep(password)
    return account


def _dress_web_chat(account: Account, connection_id: UUID, admin: User, now: datetime) -> None:
    """Show what a web chat can be, and let the demo's page log a customer in."""
    of_it: dict[str, Any] = {"account_id": account.id, "connection_id": connection_id, "actor": admin.sid, "now": now}
    channel_services.change_webchat(settings=WEB_CHAT, **of_it)
    channel_services.renew_identity_secret(keep_old=timedelta(), **of_it)


def _make_user(account: Account, person: Person, password: str, now: datetime) -> User:
    user = account_services.create_user(
        account_id=account.id, username=person.username, password=password, role=person.role, name=person.name
    )
    if person.skills is not None:
        worker = routing_services.create_worker(
            account_id=account.id,
            friendly_name=person.username,
            attributes={"full_name": person.name, "skills": list(person.skills)},
            now=now,
        )
        account_services.link_worker(user_id=user.id, worker_id=worker.id)
    return user


def _definition(account: Account, echo_url: str) -> dict[str, Any]:
    workflow = routing_queries.workflows(account.id)[0]
    channels = {channel.unique_name: channel for channel in routing_queries.task_channels(account.id)}
    return flow.definition(workflow_sid=workflow.sid, task_channel_sid=channels["chat"].sid, echo_url=echo_url)


def _renew_password(account: Account) -> None:
    """Give the demo users a password that the environment names anew; one they chose themselves stays otherwise."""
    password = passwords.wanted()
    if password == passwords.kept() or not passwords.is_named():
        return
    for user in _demo_users(account):
        account_services.set_password(user_id=user.id, password=password)
    passwords.keep(password)


def _follow_address(account: Account, now: datetime) -> None:
    """Point the demo's flow at the installation's present address, where nobody changed the flow."""
    found = flow_queries.flows(account.id).filter(friendly_name=flow.NAME).order_by("id").first()
    if found is None:
        return
    _, newest = flow_queries.flow_with_newest(account.id, found.id)
    known = flow.echo_url_of(newest.definition)
    wanted = public_url(ECHO_PATH)
    if known == wanted or not known.endswith(ECHO_PATH) or newest.definition != _definition(account, known):
        return
    flow_services.save_revision(
        account_id=account.id,
        flow_id=found.id,
        status="published",
        author=ids.sid("AC", account.id),
        definition=_definition(account, wanted),
        commit_message="The installation's address has changed",
        now=now,
    )


def _demo_users(account: Account) -> Sequence[User]:
    names = {person.username for person in PEOPLE}
    return [user for user in account_queries.users(account.id) if user.username in names]
