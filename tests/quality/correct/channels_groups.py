"""A Channels consumer that answers what it understands and ignores the rest."""

import json

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

if not settings.configured:
    settings.configure(SECRET_KEY="quality", ALLOWED_HOSTS=["*"])
    django.setup()


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        try:
            message = json.loads(text_data if text_data is not None else bytes_data or b"")
        except (ValueError, RecursionError):
            await self.close(4400)
            return
        if isinstance(message, dict) and message.get("type") == "ping":
            await self.send(text_data=json.dumps({"type": "pong"}))


app = ProtocolTypeRouter({"websocket": URLRouter([path("echo/", Echo.as_asgi())])})
