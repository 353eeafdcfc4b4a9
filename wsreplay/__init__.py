"""wsreplay finds the message sequences that break a WebSocket endpoint, shrinks them, keeps them and replays them."""

__version__ = "0.1.0"
