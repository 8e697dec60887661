# Reads a list of texts, and writes what is left of each in a breadcrumb and in an exception.
import json, sys
from sentry_relay.processing import convert_datascrubbing_config, pii_strip_event

config = convert_datascrubbing_config({
    "scrubData": True, "scrubDefaults": True, "scrubIpAddresses": True, "sensitiveFields": [], "excludeFields": [],
})
crumbs, values = [], []
for text in json.load(sys.stdin):
    event = pii_strip_event(config, {
        "breadcrumbs": {"values": [{"message": text}]},
        "exception": {"values": [{"type": "panic", "value": text}]},
    })
    crumbs.append(event["breadcrumbs"]["values"][0].get("message") or "")
    values.append(event["exception"]["values"][0].get("value") or "")
json.dump([crumbs, values], sys.stdout)
