// SPDX-License-Identifier: Apache-2.0
/* metrics_meters.c - counters: none of them goes back before the next boot. */
#include <stdlib.h>

#include "bpf/verdict.h"
#include "exposition.h"
#include "metrics.h"
#include "metrics_tools.h"
#include "user/meter/meters.h"
#include "user/sensor/decode.h"

#define LABEL(name, value)                                                                         \
	{                                                                                          \
		name, value                                                                        \
	}

static void print_calls(const struct exposition *e, const struct metrics_tools *tools)
{
	exposition_family(e, "enforcecore_calls_total", EXPOSITION_COUNTER,
			  "Declared calls, by what became of the declaration.");
	for (size_t i = 0; i < tools->len; i++)
		for (int blocked = 0; blocked < 2; blocked++)
			exposition_count(e, "enforcecore_calls_total",
					 (const struct exposition_label[]) {
						 LABEL("policy", tools->at[i].policy),
						 LABEL("tool", tools->at[i].tool),
						 LABEL("decision", blocked ? "blocked" : "allowed"),
						 { 0 } },
					 blocked ? tools->at[i].blocked : tools->at[i].allowed);
}

static void print_times(const struct exposition *e, const struct metrics_tools *tools,
			const char *name, const char *help, bool overhead)
{
	exposition_family(e, name, EXPOSITION_HISTOGRAM, help);
	for (size_t i = 0; i < tools->len; i++) {
		const struct meters_tool *tool = &tools->at[i];
		const struct meters_histogram *h = overhead ? &tool->overhead : &tool->latency;

		exposition_histogram(
			e, name,
			(const struct exposition_label[]) {
				LABEL("policy", tool->policy), LABEL("tool", tool->tool), { 0 } },
			overhead ? meters_overhead_ns : meters_latency_ns, h->count, METERS_BUCKETS,
			h->sum_ns);
	}
}

static void print_violations(const struct exposition *e, const struct meters *meters)
{
	exposition_family(e, "enforcecore_violations_total", EXPOSITION_COUNTER,
			  "Declarations and results that a policy refused, or would have.");
	for (unsigned int i = 0; meters && i < METERS_VIOLATIONS; i++)
		for (int would = 0; would < 2; would++)
			exposition_count(e, "enforcecore_violations_total",
					 (const struct exposition_label[]) {
						 LABEL("violation_type", meters_violation_name(i)),
						 LABEL("verdict", would ? "would-deny" : "deny"),
						 { 0 } },
					 meters->violations[i][would]);
	exposition_family(e, "enforcecore_redactions_total", EXPOSITION_COUNTER,
			  "Personal data and secrets replaced, in arguments and in results.");
	for (int i = 0; meters && i < 2; i++)
		exposition_count(
			e, "enforcecore_redactions_total",
			(const struct exposition_label[]) {
				LABEL("direction", i == METERS_OUTPUT ? "output" : "input"),
				{ 0 } },
			meters->redactions[i]);
}

static void print_one(const struct exposition *e, const char *name, const char *help,
		      uint64_t value)
{
	exposition_family(e, name, EXPOSITION_COUNTER, help);
	exposition_count(e, name, NULL, value);
}

static void print_guards(const struct exposition *e, const struct meters *meters)
{
	static const char *const verdicts[] = { "safe", "unsafe", "none" };

	exposition_family(e, "enforcecore_guard_verdicts_total", EXPOSITION_COUNTER,
			  "What guards said of calls, asked or known from an earlier one.");
	for (unsigned int i = 0; meters && i < METERS_GUARDS; i++)
		for (int cached = 0; cached < 2; cached++)
			exposition_count(e, "enforcecore_guard_verdicts_total",
					 (const struct exposition_label[]) {
						 LABEL("verdict", verdicts[i]),
						 LABEL("cached", cached ? "true" : "false"),
						 { 0 } },
					 meters->guards[i][cached]);
	print_one(e, "enforcecore_guard_failures_open_total",
		  "Guards that gave no verdict, where the policy opens the call all the same.",
		  meters ? meters->guards_opened : 0);
	exposition_family(e, "enforcecore_guard_seconds", EXPOSITION_HISTOGRAM,
			  "From asking a guard to its verdict, or to giving up.");
	if (meters)
		exposition_histogram(e, "enforcecore_guard_seconds", NULL, meters_latency_ns,
				     meters->guard_ms.count, METERS_BUCKETS,
				     meters->guard_ms.sum_ns);
}

static void print_effects(const struct exposition *e, const struct meters_kernel *kernel)
{
	exposition_family(e, "enforcecore_effects_total", EXPOSITION_COUNTER,
			  "Effects that the kernel told of: those of calls, refusals, and with "
			  "--record all the rest.");
	for (uint8_t op = EC_OP_READ; op <= EC_OP_PRIV; op++)
		for (uint8_t v = EC_VERDICT_ALLOW; v <= EC_VERDICT_WOULD_DENY; v++)
			exposition_count(e, "enforcecore_effects_total",
					 (const struct exposition_label[]) {
						 LABEL("op", decode_op(op)),
						 LABEL("verdict", decode_verdict(v)),
						 { 0 } },
					 kernel->effects[op][v]);
}

static void print_drops(const struct exposition *e, const struct meters *meters,
			const struct meters_kernel *kernel)
{
	const struct {
		const char *kind;
		uint64_t count;
	} drops[] = {
		{ "lost_denials", kernel->count[EC_COUNT_LOST_DENIALS] },
		{ "lost_effects", kernel->count[EC_COUNT_LOST_EFFECTS] },
		{ "bad_records", meters ? meters->bad_records : 0 },
		{ "unwritten", meters ? meters->trail_errors : 0 },
	};

	exposition_family(
		e, "enforcecore_drops_total", EXPOSITION_COUNTER,
		"Records that are in no trail: a ring was full, a record made no sense, a "
		"trail could not be written.");
	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++)
		exposition_count(
			e, "enforcecore_drops_total",
			(const struct exposition_label[]) { LABEL("kind", drops[i].kind), { 0 } },
			drops[i].count);
}

void metrics_print_meters(const struct exposition *e, const struct meters *meters,
			  const struct meters_kernel *kernel)
{
	struct metrics_tools *tools = metrics_tools_new(meters);

	if (tools) {
		print_calls(e, tools);
		print_times(e, tools, "enforcecore_overhead_seconds",
			    "From a declaration to its answer.", true);
		print_times(e, tools, "enforcecore_latency_seconds",
			    "From a call's begin to its end.", false);
	}
	free(tools);
	print_violations(e, meters);
	print_guards(e, meters);
	print_effects(e, kernel);
	print_drops(e, meters, kernel);
	print_one(e, "enforcecore_denied_total", "Effects refused by the kernel, or that would be.",
		  kernel->count[EC_COUNT_DENIED]);
	print_one(e, "enforcecore_doubts_total",
		  "Those of them that could not be told what they are.",
		  kernel->count[EC_COUNT_DOUBTS]);
	print_one(e, "enforcecore_forks_refused_total", "New tasks that could not be tagged.",
		  kernel->count[EC_COUNT_FORKS_REFUSED]);
	print_one(e, "enforcecore_path_walks_total", "Paths that no cache knew.",
		  kernel->count[EC_COUNT_WALKS]);
	print_one(e, "enforcecore_sessions_total", "Agents that were started.",
		  meters ? meters->sessions : 0);
	print_one(e, "enforcecore_trail_records_total", "Lines appended to trails.",
		  meters ? meters->trail_records : 0);
	print_one(e, "enforcecore_trail_bytes_total", "Their bytes.",
		  meters ? meters->trail_bytes : 0);
	print_one(e, "enforcecore_trail_errors_total", "Lines that a trail could not take.",
		  meters ? meters->trail_errors : 0);
	exposition_family(e, "enforcecore_counters_start_time_seconds", EXPOSITION_GAUGE,
			  "When the counters were 0, in seconds since the epoch.");
	exposition_count(e, "enforcecore_counters_start_time_seconds", NULL,
			 meters ? meters->begun_s : 0);
}
