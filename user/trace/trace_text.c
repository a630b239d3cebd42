// SPDX-License-Identifier: Apache-2.0
/* trace_text.c - events for people. */
#include <inttypes.h>
#include <string.h>

#include "bpf/verdict.h"
#include "trace_print.h"
#include "user/plain.h"
#include "user/sensor/decode.h"

#define RED "\033[31m"
#define YELLOW "\033[33m"
#define GREEN "\033[32m"
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static const char *colour_of(const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_BEGIN:
	case TRACE_END:
		return BOLD;
	case TRACE_FLOW:
		return YELLOW;
	case TRACE_LOST:
	case TRACE_UNSEEN:
		return RED;
	default:
		return event->verdict == EC_VERDICT_DENY       ? RED :
		       event->verdict == EC_VERDICT_WOULD_DENY ? YELLOW :
								 GREEN;
	}
}

static void put_string(const char *string, FILE *to)
{
	plain_put(string, string ? strlen(string) : 0, to);
}

static void put_call(const struct trace_event *event, FILE *to)
{
	if (!event->call)
		return;
	fprintf(to, "  call %" PRIu64, event->call);
	if (event->tool.len) {
		putc_unlocked(' ', to);
		plain_put(event->tool.at, event->tool.len, to);
	}
}

static void put_effect(const struct trace_event *event, FILE *to)
{
	if (event->target.at)
		plain_put(event->target.at, event->target.len, to);
	else
		putc_unlocked('-', to);
	fputs("  ", to);
	put_string(event->reason, to);
	fprintf(to, "  pid %u", event->pid);
	if (event->exe.len) {
		putc_unlocked(' ', to);
		plain_put(event->exe.at, event->exe.len, to);
	}
	put_call(event, to);
}

static void put_begin(const struct trace_event *event, FILE *to)
{
	fprintf(to, "%" PRIu64 " ", event->call);
	plain_put(event->tool.at, event->tool.len, to);
	if (event->request.len) {
		fputs("  request ", to);
		plain_put(event->request.at, event->request.len, to);
	}
}

static void put_end(const struct trace_event *event, FILE *to)
{
	fprintf(to, "%" PRIu64 " ", event->call);
	plain_put(event->tool.at, event->tool.len, to);
	fputs("  ", to);
	put_string(event->outcome, to);
	fprintf(to, " after %.1f ms, %" PRIu64 " denial%s", event->duration_ms, event->denials,
		event->denials == 1 ? "" : "s");
}

static void put_refused(const struct trace_event *event, FILE *to)
{
	plain_put(event->tool.at, event->tool.len, to);
	fputs("  ", to);
	put_string(event->reason, to);
}

static void put_lost(const struct trace_event *event, FILE *to)
{
	if (event->lost_effects)
		fprintf(to, "lost %" PRIu64 " effects", event->lost_effects);
	if (event->lost_calls)
		fprintf(to, "%slost %" PRIu64 " calls", event->lost_effects ? ", " : "",
			event->lost_calls);
}

static const char *verdict_of(const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_BEGIN:
	case TRACE_END:
		return "call";
	case TRACE_LOST:
		return "lost";
	case TRACE_UNSEEN:
		return "unseen";
	case TRACE_FLOW:
		return "flow";
	default:
		return decode_verdict(event->verdict);
	}
}

static const char *op_of(const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_BEGIN:
		return "begin";
	case TRACE_END:
		return "end";
	case TRACE_REFUSED:
		return "declare";
	case TRACE_LOST:
	case TRACE_UNSEEN:
		return "";
	default:
		return decode_op(event->op);
	}
}

void trace_print_text(const struct trace_event *event, bool colours, FILE *to)
{
	/* of "2026-01-31T12:00:00.123456Z" the time of the day */
	const char *time = strlen(event->time) > 11 ? event->time + 11 : event->time;

	fprintf(to, "%s%s%s  agent %-4" PRIu64 " %s%-10s%s %-9s ", colours ? DIM : "", time,
		colours ? PLAIN : "", event->agent, colours ? colour_of(event) : "",
		verdict_of(event), colours ? PLAIN : "", op_of(event));
	switch (event->kind) {
	case TRACE_BEGIN:
		put_begin(event, to);
		break;
	case TRACE_END:
		put_end(event, to);
		break;
	case TRACE_REFUSED:
		put_refused(event, to);
		break;
	case TRACE_LOST:
		put_lost(event, to);
		break;
	default:
		put_effect(event, to);
	}
	putc_unlocked('\n', to);
}
