// SPDX-License-Identifier: Apache-2.0
#include "trail_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

/* zlib does not copy reads that are longer than twice this. */
#define BUFFER_SIZE (128u << 10)
/* What read(2) takes at once, and less than what gzread can count. */
#define READ_MAX (1u << 30)

struct trail_source {
	gzFile file; /* also of what is not compressed */
};

int trail_source_open(const char *path, struct trail_source **ret_source)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct trail_source *source;

	if (fd < 0)
		return -errno;
	source = calloc(1, sizeof(*source));
	if (source)
		source->file = gzdopen(fd, "r");
	if (!source || !source->file) {
		free(source);
		close(fd);
		return -ENOMEM;
	}
	gzbuffer(source->file, BUFFER_SIZE);
	*ret_source = source;
	return 0;
}

static int error_of(struct trail_source *source)
{
	int code;

	gzerror(source->file, &code);
	return code == Z_ERRNO	   ? -errno :
	       code == Z_MEM_ERROR ? -ENOMEM :
	       code == Z_OK	   ? 0 :
				     -EBADMSG;
}

int trail_source_fill(struct trail_source *source, char *buf, size_t size, size_t *len,
		      bool *ret_end)
{
	int err = 0;

	*ret_end = false;
	while (!err && *len < size && !*ret_end) {
		size_t room = size - *len;
		int n = gzread(source->file, buf + *len,
			       (unsigned int)(room < READ_MAX ? room : READ_MAX));

		*len += n > 0 ? (size_t)n : 0;
		*ret_end = n <= 0;
		/* at the end of what was cut off there is no error before this */
		err = *ret_end ? error_of(source) : 0;
	}
	return err;
}

void trail_source_close(struct trail_source *source)
{
	if (!source)
		return;
	gzclose(source->file);
	free(source);
}
