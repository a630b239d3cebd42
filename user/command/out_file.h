/* SPDX-License-Identifier: Apache-2.0 */
/* out_file.h - the OUT of a command: whole, or not there. */
#ifndef EC_OUT_FILE_H
#define EC_OUT_FILE_H

#include <stdio.h>

struct out_file {
	FILE *to;
	const char *path; /* NULL: standard output */
	char *part;	  /* what it is called until it is whole */
};

/* Mode 0600, for what it is made of is a trail. path NULL or "-": standard output.
 * 0 or a negative errno. */
int out_file_open(struct out_file *out, const char *path);
/* Everything was written: it gets its name, in one step. 0 or a negative errno. */
int out_file_finish(struct out_file *out);
/* Without out_file_finish before it nothing is left behind. */
void out_file_done(struct out_file *out);

#define _cleanup_out_file_ __attribute__((cleanup(out_file_done)))

#endif
