"""`python -m shiftbell.cli`: how a parent starts its children whatever the PATH is."""

from __future__ import annotations

import sys

from shiftbell.cli import main

sys.exit(main())
