"""A Channels consumer that calls a method by the name that a client sends. Found by handler_crash."""

from typing import ClassVar

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

if not settings.configured:
    settings.configure(SECRET_KEY="quality", ALLOWED_HOSTS=["*"])
    django.setup()


class Poll(AsyncJsonWebsocketConsumer):
    votes: ClassVar[dict[str, int]] = {"yes": 0, "no": 0}

    async def receive_json(self, content, **kwargs):
        if isinstance(content, dict) and content.get("type") == "vote":
            self.votes[content["choice"]] += 1
            await self.send_json({"votes": 1})
        else:
            await self.send_json({"error": "vote?"})

    @classmethod
    async def decode_json(cls, text_data):
        try:
            return await super().decode_json(text_data)
        except (ValueError, RecursionError):
            return None


app = ProtocolTypeRouter({"websocket": URLRouter([path("poll/", Poll.as_asgi())])})
