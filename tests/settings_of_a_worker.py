"""The tests' settings for a process beside the tests: on their database, with their gateway."""

from __future__ import annotations

import json
import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, GEMAFU

DATABASES["default"] |= json.loads(os.environ["TEST_DATABASE"])
GEMAFU |= json.loads(os.environ["TEST_GEMAFU"])
