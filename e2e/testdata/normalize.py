"""Treats events as Sentry's own ingest does.

Standard input: a JSON array of event payloads, each a text as it arrived.
Standard output: a JSON array, in the same order, of objects with
  event     the normalised event
  release   its release in parts, or {"error": …}
  scrubbed  the texts in which Sentry's data scrubbing, as projects have it by default, finds something to remove
"""

import json
import sys

from sentry_relay.exceptions import RelayError
from sentry_relay.processing import StoreNormalizer, convert_datascrubbing_config, parse_release, pii_strip_event

# As Sentry configures it for an event that comes from a client: unknown fields go, long ones are cut.
normalizer = StoreNormalizer(
    project_id=1,
    protocol_version="7",
    client="sentry.go",
    client_ip="198.51.100.9",
    enable_trimming=True,
    is_renormalize=False,
    remove_other=True,
    normalize_user_agent=True,
    max_secs_in_future=60,
    max_secs_in_past=30 * 24 * 60 * 60,
)
scrubbing = convert_datascrubbing_config(
    {"scrubData": True, "scrubDefaults": True, "scrubIpAddresses": True, "sensitiveFields": [], "excludeFields": []}
)


def release(event):
    try:
        return parse_release(event.get("release") or "")
    except RelayError as err:
        return {"error": str(err)}


def remarked(value, meta):
    """The parts of value that meta has a remark on: {"tags": {"3": {"1": {"": {"rem": […]}}}}}."""
    if not isinstance(meta, dict):
        return
    if meta.get("", {}).get("rem"):
        yield value
    for key, inner in meta.items():
        if key:
            yield from remarked(value[int(key)] if isinstance(value, list) else value.get(key), inner)


def treat(raw):
    event = normalizer.normalize_event(raw_event=raw)
    stripped = pii_strip_event(scrubbing, {**event, "_meta": None})
    return {
        "event": event,
        "release": release(event),
        "scrubbed": [json.dumps(text) for text in remarked(event, stripped.get("_meta"))],
    }


json.dump([treat(raw) for raw in json.load(sys.stdin)], sys.stdout)
