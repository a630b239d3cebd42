/* SPDX-License-Identifier: Apache-2.0 */
/* otlp_batch.h - spans gathered into requests of a limited size, which go to a file,
 * one a line, or to a receiver. */
#ifndef EC_OTLP_BATCH_H
#define EC_OTLP_BATCH_H

#include "export_impl.h"

/* A request ends at whichever comes first, and is longer by a part of one span at most:
 * some hundred KiB, or some MiB where all names are as long as names can be. */
#define OTLP_BATCH_SPANS 512u
#define OTLP_BATCH_BYTES (1u << 20)

struct otlp_batch {
	char *text;
	size_t text_len;
	FILE *to; /* into text */
	size_t spans;
};

int otlp_batch_init(struct otlp_batch *batch);
/* Takes ownership of span. Waits while the receiver has as much as it may have. */
int otlp_batch_add(struct otlp_batch *batch, struct export *export, struct cJSON *span);
int otlp_batch_flush(struct otlp_batch *batch, struct export *export);
void otlp_batch_done(struct otlp_batch *batch);

#endif
