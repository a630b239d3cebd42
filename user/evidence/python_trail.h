/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_trail.h - trails of the Python EnforceCore: each line has the hash of its
 * own fields (entry_hash) and that of the line before (previous_hash).
 */
#ifndef EC_PYTHON_TRAIL_H
#define EC_PYTHON_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct python_report {
	uint64_t lines;
	uint64_t bad_line;   /* first line that does not hold, 0 = none */
	uint64_t extra;	     /* lines with keys that no hash covers */
	uint64_t untenanted; /* lines as before 1.6, without tenant_id */
	size_t torn_len;     /* bytes of a torn last line, 0 = none */
	char reason[128];
	char head[65]; /* entry_hash of the last line */
};

/* Is that the first line of one? */
bool python_trail_is(const char *line, size_t line_len);
/* 0; -EBADMSG: it does not hold, see bad_line; other negative errno: it could not be
 * read. */
int python_trail_verify(const char *path, struct python_report *ret_report);

/* One line, without its newline: NULL, or why it does not follow head, which becomes
 * its entry_hash. */
const char *python_trail_line(const char *line, size_t line_len, char head[65],
			      struct python_report *report);

#endif
