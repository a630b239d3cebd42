/* SPDX-License-Identifier: Apache-2.0 */
/* batch.h - the elements of a JSON array, each as it was written. */
#ifndef EC_BATCH_H
#define EC_BATCH_H

#include <stddef.h>

/* text must be a valid array. Stops at the first element for which each does
 * not return 0, and returns that. */
int batch_each(const char *text, size_t text_len,
	       int (*each)(void *ctx, const char *element, size_t element_len), void *ctx);

#endif
