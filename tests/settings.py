"""The settings of the tests: a data folder and databases of their own, so that they run beside `make run`."""

import os
from pathlib import Path

os.environ["PARKZERO_MODE"] = "test"
os.environ.setdefault("SECRET_KEY", "of the tests, which keep no secrets")
if "PARKZERO_TEST_RUN" not in os.environ:
    # Workers of one run inherit these; the services of the shop floor are never used.
    os.environ["PARKZERO_TEST_RUN"] = str(os.getpid())
    os.environ["DATA_DIR"] = str(Path(__file__).resolve().parent.parent / "var" / "test")
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)

from config.environment import prepare

prepare()

from config.settings import *  # noqa: E402, F403
from config.settings import STATIC_ROOT  # noqa: E402

# Files come from the finders here; whitenoise warns where the folder is missing all the same.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
