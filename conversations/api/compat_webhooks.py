"""Conversations v1: who hears what: scoped webhooks, account webhooks, addresses, and the service's settings."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as accounts
from common import ids
from common.api.paging import page
from common.api.parsers import Params
from common.errors import BadParameter, Conflict
from conversations import services
from conversations.api.base import ConversationsView, key_param, list_param, method_param
from conversations.models import AddressConfiguration, ConversationWebhook, WebhookConfiguration
from conversations.services.checks import check_webhook_url
from conversations.services.webhooks import check_filters
from conversations.webhooks.parameters import POST_EVENTS

Target = ConversationWebhook.Target


class WebhookListView(ConversationsView):
    """``/Conversations/{ConversationSid}/Webhooks``."""

    def get(self, request: Request, conversation_sid: str) -> Response:
        rows = ConversationWebhook.objects.filter(conversation=self.conversation(conversation_sid))
        return page(
            request, rows, key="webhooks", write=self.write.webhook, order="id", max_size=ConversationWebhook.MOST
        )

    def post(self, request: Request, conversation_sid: str) -> Response:
        conversation = self.conversation(conversation_sid)
        params = self.params(request)
        row = services.add_webhook(
            conversation_id=conversation.id,
            target=params.required("Target", choices=tuple(Target.values)),
            url=params.text("Configuration.Url") or "",
            method=method_param(params, "Configuration.Method") or "POST",
            filters=list_param(params, "Configuration.Filters") or (),
            triggers=list_param(params, "Configuration.Triggers") or (),
            flow_id=key_param(params, "Configuration.FlowSid", "FW"),
            replay_after=params.integer("Configuration.ReplayAfter", least=-1, most=2**31 - 1),
            now=self.now,
        )
        return Response(self.write.webhook(row), status=201)


class WebhookView(ConversationsView):
    """``/Conversations/{ConversationSid}/Webhooks/{Sid}``."""

    def find(self, conversation_sid: str, sid: str) -> ConversationWebhook:
        """
        Return a scoped webhook of a conversation.

        :raises NotFound: there is none.
        """
        rows = ConversationWebhook.objects.filter(conversation=self.conversation(conversation_sid))
        found = rows.filter(id=self.key("WH", sid)).first()
        if found is None:
            raise self.missing()
        return found

    def get(self, request: Request, conversation_sid: str, sid: str) -> Response:
        return Response(self.write.webhook(self.find(conversation_sid, sid)))

    def post(self, request: Request, conversation_sid: str, sid: str) -> Response:
        params = self.params(request)
        row = services.change_webhook(
            webhook_id=self.find(conversation_sid, sid).id,
            url=params.text("Configuration.Url"),
            method=method_param(params, "Configuration.Method"),
            filters=list_param(params, "Configuration.Filters"),
            triggers=list_param(params, "Configuration.Triggers"),
            flow_id=key_param(params, "Configuration.FlowSid", "FW"),
            now=self.now,
        )
        return Response(self.write.webhook(row))

    def delete(self, request: Request, conversation_sid: str, sid: str) -> Response:
        services.remove_webhook(webhook_id=self.find(conversation_sid, sid).id)
        return Response(status=204)


class ConfigurationView(ConversationsView):
    """``/Configuration``: of the account, or below its service."""

    def get(self, request: Request) -> Response:
        return Response(self._written(services.settings_of(self.account_id, now=self.now)))

    def post(self, request: Request) -> Response:
        params = self.params(request)
        changes: dict[str, Any]
        if self.service is None:
            service = params.text("DefaultChatServiceSid")
            if service and service != self.write.service_sid:
                raise BadParameter("DefaultChatServiceSid: an account has one service, which is its default")
            changes = {
                "messaging_service_sid": _messaging_service(params),
                "inactive_timer": params.text("DefaultInactiveTimer", max_length=64),
                "closed_timer": params.text("DefaultClosedTimer", max_length=64),
            }
        else:
            changes = {
                "creator_role_id": key_param(params, "DefaultConversationCreatorRoleSid", "RL"),
                "conversation_role_id": key_param(params, "DefaultConversationRoleSid", "RL"),
                "service_role_id": key_param(params, "DefaultChatServiceRoleSid", "RL"),
                "reachability_enabled": params.boolean("ReachabilityEnabled"),
            }
        return Response(self._written(services.update_settings(account_id=self.account_id, now=self.now, **changes)))

    def _written(self, row: Any) -> dict[str, Any]:
        return self.write.configuration(row) if self.service is None else self.write.service_configuration(row)


def _messaging_service(params: Params) -> str | None:
    text = params.text("DefaultMessagingServiceSid")
    if text and ids.parse_or_none("MG", text) is None:
        raise BadParameter("DefaultMessagingServiceSid must be a SID that begins with MG")
    return text


class WebhookConfigurationView(ConversationsView):
    """``/Configuration/Webhooks``: of the account, or below its service."""

    @property
    def scope(self) -> str:
        scopes = WebhookConfiguration.Scope
        return scopes.ACCOUNT if self.service is None else scopes.SERVICE

    def get(self, request: Request) -> Response:
        rows = WebhookConfiguration.objects.filter(account_id=self.account_id, scope=self.scope)
        row = rows.first() or WebhookConfiguration(account_id=self.account_id, scope=self.scope)
        return Response(self.write.webhook_configuration(row))

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.configure_webhooks(
            account_id=self.account_id,
            scope=self.scope,
            pre_url=params.text("PreWebhookUrl"),
            post_url=params.text("PostWebhookUrl"),
            method=method_param(params, "Method"),
            filters=list_param(params, "Filters"),
            target=params.text("Target", choices=("webhook", "flex")) if self.service is None else None,
            now=self.now,
        )
        return Response(self.write.webhook_configuration(row))


class AddressListView(ConversationsView):
    """``/Configuration/Addresses``."""

    def get(self, request: Request) -> Response:
        rows = AddressConfiguration.objects.filter(account_id=self.account_id)
        if type := self.params(request).text("Type"):
            rows = rows.filter(type=type)
        return page(request, rows, key="address_configurations", write=self.write.address)

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.save_address(
            account_id=self.account_id,
            type=params.required("Type"),
            address=params.required("Address", max_length=256),
            friendly_name=params.text("FriendlyName", max_length=256) or "",
            enabled=params.boolean("AutoCreation.Enabled") is True,
            to=read_target(params, None, own_service=self.write.service_sid),
            address_country=params.text("AddressCountry", max_length=2),
            now=self.now,
        )
        return Response(self.write.address(row), status=201)


class AddressView(ConversationsView):
    """``/Configuration/Addresses/{Sid}``, by SID or address."""

    def find(self, sid: str) -> AddressConfiguration:
        """
        Return an address configuration.

        :raises NotFound: unknown in this account.
        """
        rows = AddressConfiguration.objects.filter(account_id=self.account_id)
        key = ids.parse_or_none("IG", sid)
        found = rows.filter(address=sid).order_by("id").first() if key is None else rows.filter(id=key).first()
        if found is None:
            raise self.missing()
        return found

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.write.address(self.find(sid)))

    def post(self, request: Request, sid: str) -> Response:
        row = self.find(sid)
        params = self.params(request)
        enabled = params.boolean("AutoCreation.Enabled")
        name = params.text("FriendlyName", max_length=256)
        row = services.save_address(
            account_id=self.account_id,
            address_id=row.id,
            type=row.type,
            address=row.address,
            friendly_name=row.friendly_name if name is None else name,
            enabled=row.enabled if enabled is None else enabled,
            to=read_target(params, row, own_service=self.write.service_sid),
            now=self.now,
        )
        return Response(self.write.address(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_address(account_id=self.account_id, address_id=self.find(sid).id)
        return Response(status=204)


def read_target(params: Params, row: AddressConfiguration | None, *, own_service: str) -> services.AddressTarget:
    """
    Return what an address is to do with a new customer; what is not given stays as ``row`` has it.

    :raises BadParameter: a malformed parameter, or a webhook that cannot be one.
    """
    service = params.text("AutoCreation.ConversationServiceSid")
    if service and service != own_service:
        raise BadParameter("AutoCreation.ConversationServiceSid: an account has one service")
    target = params.text("AutoCreation.Type", choices=("", *AddressConfiguration.Target.values))
    url = params.text("AutoCreation.WebhookUrl")
    filters = list_param(params, "AutoCreation.WebhookFilters")
    retries = params.integer("AutoCreation.StudioRetryCount", least=0, most=3)
    old = row or AddressConfiguration()
    return services.AddressTarget(
        target=target or old.target,
        flow_id=key_param(params, "AutoCreation.StudioFlowSid", "FW") or old.flow_id,
        url=old.webhook_url if url is None else check_webhook_url(url) if url else "",
        method=method_param(params, "AutoCreation.WebhookMethod") or old.webhook_method,
        filters=tuple(old.webhook_filters if filters is None else check_filters(filters, POST_EVENTS)),
        retry_count=old.retry_count if retries is None else retries,
    )


class ServiceListView(ConversationsView):
    """``/Services``: the account's one."""

    def get(self, request: Request) -> Response:
        row = services.settings_of(self.account_id, now=self.now)
        rows = type(row).objects.filter(account_id=self.account_id)
        name = accounts.account(self.account_id).name
        return page(
            request,
            rows,
            key="services",
            write=lambda found: self.write.chat_service(found, name),
            order="account_id",
        )

    def post(self, request: Request) -> Response:
        self.params(request).required("FriendlyName", max_length=256)
        raise Conflict("An account has one service, and it is there already")


class ServiceView(ConversationsView):
    """``/Services/{Sid}``."""

    def get(self, request: Request, sid: str) -> Response:
        self._check(sid)
        row = services.settings_of(self.account_id, now=self.now)
        return Response(self.write.chat_service(row, accounts.account(self.account_id).name))

    def delete(self, request: Request, sid: str) -> Response:
        self._check(sid)
        raise Conflict("The account's one service cannot be deleted")

    def _check(self, sid: str) -> None:
        if sid != self.write.service_sid:
            raise self.missing()
