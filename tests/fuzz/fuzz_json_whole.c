// SPDX-License-Identifier: Apache-2.0
/* The fast reader of JSON and the one that reads piece by piece agree. */
#include <string.h>

#include "claim.h"
#include "user/json/json_whole.h"

#define WATCHES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct json_watch watches[WATCHES] = {
		{ "seq", -1 }, { "kind", -1 }, { "a", -1 }, { "", -1 }
	};
	struct json_whole_seen seen[WATCHES];
	struct json_scan scan;
	enum json_kind kind, whole;

	json_scan_init(&scan, watches, WATCHES);
	json_scan_feed(&scan, (const char *)data, size);
	kind = json_scan_finish(&scan);
	whole = json_whole((const char *)data, size, watches, WATCHES, seen);
	if (scan.deep || scan.has_nonfinite) {
		CLAIM(whole == JSON_INVALID);
		return 0;
	}
	CLAIM(kind == whole);
	for (int i = 0; kind != JSON_INVALID && i < WATCHES; i++) {
		CLAIM(seen[i].count == scan.seen[i].count && seen[i].kind == scan.seen[i].kind);
		CLAIM(seen[i].folded == scan.seen[i].folded);
		if (!seen[i].count || kind != JSON_OBJECT || scan.seen[i].cut)
			continue;
		CLAIM(seen[i].raw_len == scan.seen[i].raw_len);
		CLAIM(!memcmp(seen[i].raw, scan.seen[i].raw, seen[i].raw_len));
	}
	return 0;
}
