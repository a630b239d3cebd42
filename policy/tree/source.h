/* SPDX-License-Identifier: Apache-2.0 */
/* source.h - the bytes of one file of a policy, and which file it is. */
#ifndef EC_SOURCE_H
#define EC_SOURCE_H

#include <sys/stat.h>

#include "tree.h"

struct source {
	struct tree_source bytes; /* name is the caller's */
	char *memory;		  /* bytes.text, if it is ours */
	bool is_file;		  /* dev and ino tell it from others */
	dev_t dev;
	ino_t ino;
};

/* Reads at most a little more than TREE_TEXT_MAX, to tell. bytes.name is to be
 * set before. A negative errno of read(2) or fstat(2). */
int source_read(struct source *source, int fd);
void source_done(struct source *source);

#define _cleanup_source_ __attribute__((cleanup(source_done)))

#endif
