// SPDX-License-Identifier: Apache-2.0
/* trace_json.c - events for programs. Written by hand: a tree for each would be
 * most of what an event costs. */
#include <inttypes.h>
#include <string.h>

#include "trace_print.h"
#include "user/plain.h"
#include "user/sensor/decode.h"

const char *trace_kind_name(enum trace_kind kind)
{
	static const char *const names[] = {
		[TRACE_EFFECT] = "effect", [TRACE_DENIAL] = "denial",
		[TRACE_FLOW] = "flow",	   [TRACE_BEGIN] = "call_begin",
		[TRACE_END] = "call_end",  [TRACE_REFUSED] = "call_refused",
		[TRACE_LOST] = "lost",	   [TRACE_UNSEEN] = "unseen",
	};

	return kind < sizeof(names) / sizeof(names[0]) && names[kind] ? names[kind] : "unknown";
}

static void put_hex(const char *name, const struct trace_text *text, FILE *to)
{
	static const char digits[] = "0123456789abcdef";

	fprintf(to, ",\"%s_hex\":\"", name);
	for (size_t i = 0; i < text->len; i++) {
		putc_unlocked(digits[(unsigned char)text->at[i] >> 4], to);
		putc_unlocked(digits[text->at[i] & 0xf], to);
	}
	putc_unlocked('"', to);
}

static void put_text(const char *name, const struct trace_text *text, FILE *to)
{
	fprintf(to, ",\"%s\":", name);
	if (!text->at || !text->len)
		fputs("null", to);
	else if (!plain_put_json(text->at, text->len, to))
		put_hex(name, text, to);
}

static void put_string(const char *name, const char *string, FILE *to)
{
	const struct trace_text text = { string, string ? strlen(string) : 0 };

	put_text(name, &text, to);
}

static void put_effect(const struct trace_event *event, FILE *to)
{
	if (event->call)
		fprintf(to, ",\"call\":%" PRIu64, event->call);
	else
		fputs(",\"call\":null", to);
	if (event->tool.len)
		put_text("tool", &event->tool, to);
	fprintf(to, ",\"op\":\"%s\",\"verdict\":\"%s\"", decode_op(event->op),
		decode_verdict(event->verdict));
	put_string("reason", event->reason, to);
	fprintf(to, ",\"pid\":%u,\"tid\":%u,\"uid\":%u", event->pid, event->tid, event->uid);
	put_text("target", &event->target, to);
	if (event->address.at)
		put_text("address", &event->address, to);
	put_text("exe", &event->exe, to);
}

static void put_unseen(const struct trace_event *event, FILE *to)
{
	put_string("what", event->reason, to);
	fprintf(to, ",\"pid\":%u,\"tid\":%u,\"uid\":%u", event->pid, event->tid, event->uid);
	put_text("exe", &event->exe, to);
}

static void put_call(const struct trace_event *event, FILE *to)
{
	if (event->call)
		fprintf(to, ",\"call\":%" PRIu64, event->call);
	put_text("tool", &event->tool, to);
	if (event->request.len)
		put_text("tool_use_id", &event->request, to);
	if (event->kind == TRACE_END) {
		put_string("outcome", event->outcome, to);
		fprintf(to, ",\"duration_ms\":%.3f,\"denials\":%" PRIu64, event->duration_ms,
			event->denials);
	}
	if (event->kind == TRACE_REFUSED) {
		put_string("verdict", decode_verdict(event->verdict), to);
		put_string("reason", event->reason, to);
	}
}

void trace_print_json(const struct trace_event *event, FILE *to)
{
	fprintf(to, "{\"time\":\"%s\",\"kind\":\"%s\"", event->time, trace_kind_name(event->kind));
	if (event->kind == TRACE_LOST) {
		fprintf(to, ",\"effects\":%" PRIu64 ",\"calls\":%" PRIu64, event->lost_effects,
			event->lost_calls);
	} else {
		fprintf(to, ",\"agent\":%" PRIu64, event->agent);
		if (event->kind == TRACE_BEGIN || event->kind == TRACE_END ||
		    event->kind == TRACE_REFUSED)
			put_call(event, to);
		else if (event->kind == TRACE_UNSEEN)
			put_unseen(event, to);
		else
			put_effect(event, to);
	}
	fputs("}\n", to);
}
