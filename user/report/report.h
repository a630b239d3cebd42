/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - a trail as one page for a browser: self-contained, works from a file,
 * asks nothing of a network. What is in the trail is hostile text and stays text.
 */
#ifndef EC_REPORT_H
#define EC_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "user/trail/trail.h"

/* What a page holds, so that a browser can open it. Refusals and what else asks for
 * attention have room of their own, which nothing else can fill. */
#define REPORT_FINDINGS_MAX 100000u
#define REPORT_OTHERS_MAX 400000u
#define REPORT_FINDINGS_BYTES_MAX (64ull << 20)
#define REPORT_OTHERS_BYTES_MAX (192ull << 20)

struct report_result {
	struct trail_report trail;
	uint64_t records;
	uint64_t left_out_findings; /* the page says so as well */
	uint64_t left_out_others;
};

/* Reads the trail twice, in constant memory. -EBADMSG: its chain does not hold; the
 * page is written nevertheless, and says where. -EINVAL: not a regular file. */
int report_write(const char *path, FILE *to, struct report_result *ret_result);

#endif
