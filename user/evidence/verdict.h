/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.h - what is to be said of a trail, for people, on stdout. */
#ifndef EC_VERDICT_H
#define EC_VERDICT_H

#include <stdbool.h>

#include "files.h"
#include "user/tpm/tpm.h"
#include "user/trail/trail.h"
#include "user/trail/trail_key.h"

struct verdict_options {
	const char (*keys)[TRAIL_KEY_MAX];
	size_t keys_len;
	bool closed;	     /* it has to have a clean end */
	const char *witness; /* a file, or NULL */
	const char *tpm_key; /* in hex: checkpoints have to be quoted with it, NULL = need not */
	bool tpm_only;	     /* nothing but this trail may have extended the PCR */
	const struct tpm_options
		*tpm; /* and it has to stand where the trail ends, NULL = not asked */
};

/* Of the files of one trail. 0: it holds; -EBADMSG: it does not; other negative errno:
 * a file could not be read, which went to stderr. */
int verdict_of(const struct files_entry *files, size_t files_len,
	       const struct verdict_options *options);

#endif
