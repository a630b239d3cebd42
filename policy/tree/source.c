// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <errno.h>

#include "policy/grow.h"

#define PIECE_LEN 65536u

int source_read(struct source *source, int fd)
{
	struct stat st;
	size_t max = 0;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	source->is_file = true;
	source->dev = st.st_dev;
	source->ino = st.st_ino;
	do {
		if (GROW(source->memory, source->bytes.text_len + PIECE_LEN, max) < 0)
			return -ENOMEM;
		n = read(fd, source->memory + source->bytes.text_len, PIECE_LEN);
		if (n < 0 && errno != EINTR)
			return -errno;
		source->bytes.text_len += n > 0 ? (size_t)n : 0;
	} while (n && source->bytes.text_len <= TREE_TEXT_MAX);
	source->bytes.text = source->memory;
	return 0;
}

void source_done(struct source *source)
{
	free(source->memory);
	source->memory = NULL;
}
