/* SPDX-License-Identifier: Apache-2.0 */
/* trail_source.h - the bytes of one file of a trail, compressed (gzip) or not. */
#ifndef EC_TRAIL_SOURCE_H
#define EC_TRAIL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct trail_source;

int trail_source_open(const char *path, struct trail_source **ret_source);
/* Fills buf behind its first *len bytes, as far as the file goes; *ret_end: it goes no
 * further. -EBADMSG: it is compressed, and damaged or cut off there. */
int trail_source_fill(struct trail_source *source, char *buf, size_t size, size_t *len,
		      bool *ret_end);
void trail_source_close(struct trail_source *source); /* NULL is fine */

#endif
