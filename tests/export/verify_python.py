# SPDX-License-Identifier: Apache-2.0
# verify_python.py TRAIL - checks a trail as the Python EnforceCore's verifier does: the
# entries' types, the hash of each (json.dumps: sorted keys, no spaces, ASCII), the chain.
import hashlib
import json
import sys
from datetime import datetime

FIELDS = {
    "entry_id": str, "call_id": str, "timestamp": str, "tool_name": str, "policy_name": str,
    "policy_version": str, "tenant_id": (str, type(None)), "decision": str,
    "violation_type": (str, type(None)), "violation_reason": (str, type(None)),
    "overhead_ms": float, "call_duration_ms": float, "input_redactions": int,
    "output_redactions": int, "previous_hash": str, "entry_hash": str,
}
VIOLATIONS = {None, "tool_denied", "tool_not_allowed", "domain_denied", "content_violation",
              "rate_limit", "cost_limit", "resource_limit", "output_size",
              "sensitivity_violation", "policy_error"}


def complaint(entry, previous):
    for name, kind in FIELDS.items():
        if name not in entry:
            return f"no {name}"
        if not isinstance(entry[name], kind) or isinstance(entry[name], bool):
            return f"{name} is {entry[name]!r}"
    if entry["decision"] not in ("allowed", "blocked"):
        return f"decision {entry['decision']}"
    if entry["violation_type"] not in VIOLATIONS:
        return f"violation {entry['violation_type']}"
    if datetime.fromisoformat(entry["timestamp"]).tzinfo is None:
        return "a timestamp without offset"
    covered = {name: entry[name] for name in FIELDS if name != "entry_hash"}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    if hashlib.sha256(text.encode()).hexdigest() != entry["entry_hash"]:
        return "entry_hash"
    return None if entry["previous_hash"] == previous else "previous_hash"


def main():
    previous, count, ids = "", 0, set()
    with open(sys.argv[1], "rb") as trail:
        for number, line in enumerate(trail, 1):
            why = None
            try:
                entry = json.loads(line.decode("ascii"))
                why = complaint(entry, previous)
            except ValueError as error:
                why = str(error)
            if why is None and entry["entry_id"] in ids:
                why = "entry_id occurs twice"
            if why:
                print(f"line {number}: {why}")
                return 1
            ids.add(entry["entry_id"])
            previous, count = entry["entry_hash"], count + 1
    print(f"{count} entries")
    return 0


sys.exit(main())
