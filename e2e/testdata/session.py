"""What Sentry's ingest knows of sessions.

Standard input: a release. Standard output: an object with the category of sessions in rate limits, and the parts of the release.
"""

import json
import sys

from sentry_relay.consts import DataCategory
from sentry_relay.processing import parse_release

parsed = parse_release(sys.stdin.read())
json.dump(
    {
        "category": DataCategory.parse("session").api_name(),
        "package": parsed["package"],
        "version_raw": parsed["version_raw"],
    },
    sys.stdout,
)
