// SPDX-License-Identifier: Apache-2.0
#include "otlp_batch.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>

#include "otlp_post.h"

/* Of the GenAI conventions that the spans follow. */
#define SCHEMA "https://opentelemetry.io/schemas/1.37.0"

int otlp_batch_init(struct otlp_batch *batch)
{
	*batch = (struct otlp_batch) { 0 };
	batch->to = open_memstream(&batch->text, &batch->text_len);
	return batch->to ? 0 : -ENOMEM;
}

void otlp_batch_done(struct otlp_batch *batch)
{
	if (batch->to)
		fclose(batch->to);
	free(batch->text);
	*batch = (struct otlp_batch) { 0 };
}

static void put_head(const struct export *export, FILE *to)
{
	fputs("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
	      "\"value\":{\"stringValue\":\"enforcecore\"}}",
	      to);
	if (export->options->host) {
		fputs(",{\"key\":\"host.name\",\"value\":{\"stringValue\":", to);
		export_put_string(export->options->host, to);
		fputs("}}", to);
	}
	fputs("]},\"scopeSpans\":[{\"scope\":{\"name\":\"enforcecore\"},\"spans\":[", to);
}

int otlp_batch_flush(struct otlp_batch *batch, struct export *export)
{
	size_t spans = batch->spans;
	int r = 0;

	if (!spans)
		return 0;
	fputs("],\"schemaUrl\":\"" SCHEMA "\"}]}]}", batch->to);
	if (fflush(batch->to))
		return -ENOMEM;
	if (export->options->post) {
		r = otlp_post_send(export->options->post, batch->text, batch->text_len, spans);
	} else {
		fwrite(batch->text, 1, batch->text_len, export->to);
		fputc('\n', export->to);
	}
	export->result->written += spans;
	batch->spans = 0;
	rewind(batch->to);
	return fflush(batch->to) ? -ENOMEM : r;
}

int otlp_batch_add(struct otlp_batch *batch, struct export *export, struct cJSON *span)
{
	int r;

	if (!span)
		return -ENOMEM;
	if (!batch->spans)
		put_head(export, batch->to);
	else
		fputc(',', batch->to);
	r = export_put_json(span, batch->to);
	cJSON_Delete(span);
	batch->spans++;
	if (r < 0 || fflush(batch->to))
		return -ENOMEM;
	if (batch->spans == OTLP_BATCH_SPANS || batch->text_len >= OTLP_BATCH_BYTES)
		return otlp_batch_flush(batch, export);
	return 0;
}
