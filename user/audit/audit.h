/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - a trail for people: its calls, and one call as what was declared
 * against what was observed. The chain is verified in the same reading, with the
 * trail's older files (user/evidence/files_read.h).
 */
#ifndef EC_AUDIT_H
#define EC_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "user/trail/trail.h"

/* Calls that have begun and not ended while the trail is read. Of more the begin
 * is not known when they end. */
#define AUDIT_OPEN_MAX 1024u
/* Lines of the trail that are shown with one call, beside its own two. */
#define AUDIT_LINES_MAX 1000u

/* Each call, and each refused declaration, as a line (with json: an object each).
 * Returns as trail_read: -EBADMSG: the chain does not hold, all is written
 * nevertheless; ret_report says where. */
int audit_list(const char *path, bool json, FILE *to, struct trail_report *ret_report);
/* Each call of that number: numbers begin again with the machine. *ret_found:
 * how many there were. */
int audit_call(const char *path, uint64_t id, bool json, FILE *to, struct trail_report *ret_report,
	       uint64_t *ret_found);

#endif
