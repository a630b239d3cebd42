// SPDX-License-Identifier: Apache-2.0
/* trail_quoted.c - what a TPM says of a checkpoint comes later, into the trail as well. */
#include <string.h>

#include "trail_impl.h"
#include "trail_quote.h"

/* No record of a session: neither a checkpoint nor another file is due because of it. */
static int write_quote(struct trail *trail, struct trail_quote *quote)
{
	char line[TRAIL_QUOTE_MAX];
	size_t len;
	int err = trail_ready(trail);

	if (err)
		return err;
	quote->seq = trail->seq + 1;
	trail_now(trail, quote->time);
	memcpy(quote->head, trail->head, sizeof(quote->head));
	memcpy(quote->trail, trail->id, sizeof(quote->trail));
	len = trail_quote_print(quote, line);
	line[len++] = '\n';
	return trail_write_line(trail, line, len);
}

void trail_write_quotes(struct trail *trail, bool last)
{
	const struct trail_options *options = &trail->options;
	struct trail_quote quote;
	int r = 0;

	if (!options->quote || trail->follows)
		return;
	while ((r = options->quote(options->ctx, last, &quote)) > 0) {
		r = write_quote(trail, &quote);
		if (r < 0)
			break;
	}
	if (r < 0)
		trail_trouble(trail, "a checkpoint could not be quoted by the TPM", r);
}
