// SPDX-License-Identifier: Apache-2.0
#include "images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int images_add(struct images *images, uint32_t id, const char *path, size_t path_len)
{
	char *copy = malloc(path_len + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, path, path_len);
	free(images->at[id % IMAGES_MAX].path);
	images->at[id % IMAGES_MAX].id = id;
	images->at[id % IMAGES_MAX].path = copy;
	images->at[id % IMAGES_MAX].path_len = path_len;
	return 0;
}

const char *images_find(const struct images *images, uint32_t id, size_t *ret_len)
{
	if (!id || images->at[id % IMAGES_MAX].id != id)
		return NULL;
	*ret_len = images->at[id % IMAGES_MAX].path_len;
	return images->at[id % IMAGES_MAX].path;
}

void images_done(struct images *images)
{
	for (size_t i = 0; i < IMAGES_MAX; i++)
		free(images->at[i].path);
	memset(images, 0, sizeof(*images));
}
