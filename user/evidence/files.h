/* SPDX-License-Identifier: Apache-2.0 */
/* files.h - which files are which trail, in the order of its segments. */
#ifndef EC_EVIDENCE_FILES_H
#define EC_EVIDENCE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum files_kind {
	FILES_OURS = 1, /* or what is none: to be told so */
	FILES_PYTHON,
};

struct files_entry {
	char *path;
	enum files_kind kind;
	char trail[33]; /* "" = not known: a trail of its own */
	uint64_t segment;
	size_t group; /* of one trail */
};

struct files {
	struct files_entry *at;
	size_t len, size;
};

/* A folder stands for the trails in it, and what it holds beside is passed over.
 * Sorted by group, then segment. *ret_bad: the path that could not be read. */
int files_find(char *const *paths, size_t paths_len, struct files *ret_files, const char **ret_bad);
void files_done(struct files *files);

#endif
