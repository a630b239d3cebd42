/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.h - a trail in the forms that other tools read. Nothing is invented: what a
 * form asks for and the trail does not say is left empty, or is a stated constant.
 */
#ifndef EC_EXPORT_H
#define EC_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "user/trail/trail.h"

struct export_format;

/* NULL: there is none of that name. */
const struct export_format *export_find(const char *name);
/* The i-th; NULL: there are no more. */
const struct export_format *export_at(size_t i);
const char *export_name(const struct export_format *format);
const char *export_about(const struct export_format *format); /* one line */

struct otlp_post;

struct export_options {
	const struct export_format *format;
	FILE *to;		/* NULL: to post */
	struct otlp_post *post; /* otlp only */
	const char *host;	/* that the trail is of; NULL: not known */
	/* of the policy, where the trail does not say; NULL: not known */
	const char *policy_name, *policy_version;
	bool arguments; /* otlp: of the calls, too */
};

struct export_result {
	struct trail_report trail; /* bad_line and reason also of a record that cannot be told */
	uint64_t records;	   /* of the trail */
	uint64_t written;	   /* entries, events, spans, lines */
	uint64_t left_out;	   /* records that the form has no place for */
};

/* Verifies path first, then reads it again, in bounded memory. -EBADMSG: the chain does
 * not hold, -EINVAL: a record cannot be told in this form (both with their line), or
 * path is no regular file (bad_line 0); -ECONNABORTED: the receiver does not take it. */
int export_trail(const char *path, const struct export_options *options,
		 struct export_result *ret_result);

#endif
