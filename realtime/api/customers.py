"""``/app/v1/conversations/{sid}/customer``, ``/app/v1/contacts/{sid}/conversations``: who a customer is."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from common.api import AppView
from common.errors import NotFound
from conversations import queries as conversations
from realtime import customers
from realtime.api.conversations import OfConversation


class CustomerView(OfConversation):
    def get(self, request: Request, sid: str) -> Response:
        return Response(customers.customer(self.conversation(sid)))


class ContactConversationsView(AppView):
    def get(self, request: Request, sid: str) -> Response:
        contact = conversations.contact(self.account_id, self.key("CT", sid))
        if contact is None:
            raise NotFound("contact")
        return Response({"conversations": customers.earlier(contact)})
