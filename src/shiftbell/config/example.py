"""`.env.example`, made from the knobs, so that it can never tell another story than they do."""

from __future__ import annotations

from datetime import time

from pydantic import SecretStr

from shiftbell.config.demands import REQUIRED
from shiftbell.config.knobs import SECRETS, Settings


def env_example() -> str:
    """Return `.env.example`: every knob with its sentence and default."""
    lines = [
        "# Shiftbell's settings. Copy to .env and fill in; "
        "the real environment wins over this file.",
        "# A secret may also be given as a file's path: "
        f"{', '.join(f'{name}_FILE' for name in SECRETS)}.",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr) or default is None:
            value = ""
        elif isinstance(default, time):
            value = f"{default:%H:%M}"
        elif isinstance(default, bool):
            value = str(int(default))
        else:
            value = f"{default:g}" if isinstance(default, float) else str(default)
        mark = "" if name.upper() in REQUIRED else "#"
        lines += ["", f"# {field.description}", f"{mark}{name.upper()}={value}"]
    return "\n".join(lines) + "\n"
