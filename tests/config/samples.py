"""Settings that are complete, and a place where no `.env` lies."""

from __future__ import annotations

from pathlib import Path

COMPLETE = {
    "RC_CLIENT_ID": "client",
    "RC_CLIENT_SECRET": "client-secret",
    "RC_JWT_TOKEN": "header.claims.signature",
    "RC_FROM_NUMBER": "+16505550100",
}
NOWHERE = Path("no-such-folder/.env")
