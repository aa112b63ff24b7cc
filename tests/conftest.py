"""The environment every test runs in: sample settings, and a database in a folder of its own."""

import os
from pathlib import Path

import hypothesis
import pytest
from django.db import connections

from shiftbell import config

os.environ.update(
    BRAND_NAME="Acme",
    HELP_CONTACT="help@example.com",
    RC_SERVER_URL="http://127.0.0.1:9",
    RC_CLIENT_ID="sample-client",
    RC_CLIENT_SECRET="sample-secret",
    RC_JWT_TOKEN="sample-jwt",
    RC_FROM_NUMBER="+16505550100",
    TIME_ZONE="America/Chicago",
    WEBHOOK_SECRET="sample-verification-token",
)
# Speed is measured in bench/: a busy machine must not fail a property.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")

# pytest-django reads the settings before it reads this file; everyone after it reads them anew.
config.settings.cache_clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the test database out of the working folder."""
    folder: Path = tmp_path_factory.mktemp("database")
    connections["default"].settings_dict["TEST"]["NAME"] = str(folder / "tests.sqlite3")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make crash` kill more often than `make test` does."""
    parser.addoption("--kills", type=int, default=3, help="kills at each step in tests/crash")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often a process is killed at each step."""
    return int(request.config.getoption("--kills"))
