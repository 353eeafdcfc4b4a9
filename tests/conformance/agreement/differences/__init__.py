"""The server profiles: every difference between the simulation and a real server that was seen, with its reason.

Versions: uvicorn 0.54, hypercorn 0.18, websockets 17. The simulation follows uvicorn's default implementation.
"""

from __future__ import annotations

from agreement.differences.everywhere import EVERYWHERE
from agreement.differences.handshakes import DENIAL, HANDSHAKE
from agreement.differences.sessions import CLOSES, LATE, MESSAGES, OTHERS
from agreement.profile import Difference

DIFFERENCES: tuple[Difference, ...] = (*EVERYWHERE, *HANDSHAKE, *DENIAL, *CLOSES, *MESSAGES, *LATE, *OTHERS)
