// SPDX-License-Identifier: Apache-2.0
#include "exposition.h"

#include <inttypes.h>
#include <string.h>

#include "user/learn/quote.h"

static const char *type_name(enum exposition_type type)
{
	return type == EXPOSITION_COUNTER   ? "counter" :
	       type == EXPOSITION_HISTOGRAM ? "histogram" :
					      "gauge";
}

/* OpenMetrics names the family of a counter without its suffix. */
void exposition_family(const struct exposition *e, const char *name, enum exposition_type type,
		       const char *help)
{
	size_t len = strlen(name);

	if (e->open_metrics && type == EXPOSITION_COUNTER)
		len -= strlen("_total");
	fprintf(e->to, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)len, name, help, (int)len, name,
		type_name(type));
}

static void put_value(const char *value, FILE *to)
{
	uint32_t code;
	size_t len;

	for (; *value; value += len) {
		len = quote_decode(value, &code);
		if (!len) {
			fputs("\xef\xbf\xbd", to);
			len = 1;
		} else if (code == '\n') {
			fputs("\\n", to);
		} else if (code == '"' || code == '\\') {
			fprintf(to, "\\%c", (char)code);
		} else {
			fwrite(value, 1, len, to);
		}
	}
}

static void put_sample(const struct exposition *e, const char *name, const char *suffix,
		       const struct exposition_label *labels, const char *le)
{
	const char *before = "{";

	fprintf(e->to, "%s%s", name, suffix);
	for (; labels && labels->name; labels++, before = ",") {
		fprintf(e->to, "%s%s=\"", before, labels->name);
		put_value(labels->value ? labels->value : "", e->to);
		putc('"', e->to);
	}
	if (le) {
		fprintf(e->to, "%sle=\"%s\"", before, le);
		before = ",";
	}
	fputs(*before == '{' ? " " : "} ", e->to);
}

void exposition_count(const struct exposition *e, const char *name,
		      const struct exposition_label *labels, uint64_t value)
{
	put_sample(e, name, "", labels, NULL);
	fprintf(e->to, "%" PRIu64 "\n", value);
}

/* Prometheus writes 1.0 where we read 1: the same for it, but OpenMetrics wants a dot. */
static void bound_text(uint64_t ns, char *text, size_t text_size)
{
	snprintf(text, text_size, "%.9g", (double)ns / 1e9);
	if (!strpbrk(text, ".e"))
		strcat(text, ".0");
}

void exposition_histogram(const struct exposition *e, const char *name,
			  const struct exposition_label *labels, const uint64_t *bounds_ns,
			  const uint64_t *counts, size_t bounds_len, uint64_t sum_ns)
{
	uint64_t sum = 0;
	char le[40];

	for (size_t i = 0; i < bounds_len; i++) {
		sum += counts[i];
		bound_text(bounds_ns[i], le, sizeof(le));
		put_sample(e, name, "_bucket", labels, le);
		fprintf(e->to, "%" PRIu64 "\n", sum);
	}
	sum += counts[bounds_len];
	put_sample(e, name, "_bucket", labels, "+Inf");
	fprintf(e->to, "%" PRIu64 "\n", sum);
	put_sample(e, name, "_sum", labels, NULL);
	fprintf(e->to, "%.9f\n", (double)sum_ns / 1e9);
	put_sample(e, name, "_count", labels, NULL);
	fprintf(e->to, "%" PRIu64 "\n", sum);
}

void exposition_end(const struct exposition *e)
{
	if (e->open_metrics)
		fputs("# EOF\n", e->to);
}
