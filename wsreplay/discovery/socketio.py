"""python-socketio and python-engineio: an app without a table whose one path is known, around another app."""

from __future__ import annotations

from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.tables import Inner, Leaf, Place, Table, TableEntry

_QUERY = "EIO=4&transport=websocket"


def read(app: object, place: Place) -> Table | None:
    """The inner app of a socketio.ASGIApp, and the app itself as a leaf with the path that a client would open."""
    if not is_a(app, "engineio", "ASGIApp"):
        return None
    path = getattr(app, "engineio_path", None) or "/"
    # It compares the whole path of the connection, mount prefix included.
    below = path if path.startswith(place.path + "/") else place.path + path
    entries: list[TableEntry] = [Leaf(app, place, f"{below}?{_QUERY}")]
    other = getattr(app, "other_asgi_app", None)
    if other is not None:
        entries.append(Inner(other, place))
    return Table("socketio", tuple(entries))
