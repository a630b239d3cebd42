/* SPDX-License-Identifier: Apache-2.0 */
/* images.h - which program an image number (EC_OBS_EXEC) stands for. The last
 * IMAGES_MAX are remembered; of older ones the path is not known any more. */
#ifndef EC_IMAGES_H
#define EC_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#define IMAGES_MAX 4096u

struct images {
	struct {
		uint32_t id;
		size_t path_len;
		char *path; /* not terminated, any bytes */
	} at[IMAGES_MAX];
};

int images_add(struct images *images, uint32_t id, const char *path, size_t path_len);
/* NULL when unknown. */
const char *images_find(const struct images *images, uint32_t id, size_t *ret_len);
void images_done(struct images *images);

#endif
