// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_declare.c - any arguments against every rule at the declaration: the same
 * answer twice, a reason that is fit to print, nothing refused where the policy
 * observes; and no text hides what stands behind it.
 */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "claim.h"
#include "policy/declare/declare.h"
#include "policy/declare/hosts.h"

#define RULES                                                                                      \
	"name: f\n%srules:\n"                                                                      \
	"  denied_tools: [d]\n"                                                                    \
	"  content_rules: {enabled: true, block_patterns: [{name: shell_injection}, "              \
	"{name: path_traversal}, {name: sql_injection}, {name: code_execution}, "                  \
	"{name: own, pattern: '(x+x+)+y|forward.*to', action: log}]}\n"                            \
	"  network: {enabled: true, allowed_domains: [ok.test, '*.ok.test', 10.0.0.0/8], "         \
	"denied_domains: [bad.ok.test]}\n"                                                         \
	"  rate_limits: {enabled: true, global_limit: {max_calls: 3, window_seconds: 1}}\n"        \
	"  sensitivity_labels: {enabled: true}\n"                                                  \
	"  max_output_size_bytes: 100\n"                                                           \
	"  resource_limits: {max_cost_usd: 1}\n"                                                   \
	"kernel: {costs: {t: 0.001}, prices: {input_per_million: 1}}\n"

/* Sanitizers make it ten times slower; the text is repeated to REPEATED bytes. */
#define REPEATED 8192u
#define NS_A_BYTE_MAX 20000.0

static struct policy *enforces, *observes;
static struct declare_state *state;
static uint64_t now;

static struct policy *load(const char *top)
{
	struct policy *policy;
	struct policy_diag diag;
	char text[2000];

	snprintf(text, sizeof(text), RULES, top);
	CLAIM(policy_load_buffer("f.yaml", text, strlen(text), NULL, &policy, &diag) == 0);
	return policy;
}

static void is_fit(const struct declare_answer *a)
{
	CLAIM(a->verdict == DECLARE_ALLOW || a->verdict == DECLARE_DENY);
	CLAIM((a->verdict == DECLARE_ALLOW && !a->would_deny) == !a->reason[0]);
	CLAIM(!a->reason[0] || a->violation);
	for (const char *c = a->reason; *c; c++)
		CLAIM(*c >= ' ' && *c <= '~');
}

static struct declare_answer judge(const struct policy *policy, struct declare_state *s,
				   const cJSON *args)
{
	struct declare_call call = { .tool = "t", .args = args, .now_ns = now };
	struct declare_answer first, second;

	CLAIM(declare_check(policy, s, &call, &first) == 0);
	CLAIM(declare_check(policy, s, &call, &second) == 0);
	is_fit(&first);
	CLAIM(first.verdict == second.verdict && first.would_deny == second.would_deny);
	CLAIM(!strcmp(first.reason, second.reason) && !strcmp(first.place, second.place));
	if (s && first.verdict == DECLARE_ALLOW)
		declare_count(s, &call);
	return first;
}

static void try_json(const char *json, size_t len)
{
	cJSON *args = cJSON_ParseWithLength(json, len);
	struct declare_output output = { .tool = "t", .result = args };
	struct declare_answer a, b;

	if (!args)
		return;
	a = judge(enforces, NULL, args);
	b = judge(observes, NULL, args);
	CLAIM(b.verdict == DECLARE_ALLOW);
	CLAIM(a.verdict == DECLARE_ALLOW || b.would_deny);
	judge(enforces, state, args);
	CLAIM(declare_result(enforces, state, &output, &a) == 0);
	is_fit(&a);
	CLAIM(declare_cost(state) >= 0 && declare_cost(state) < 1e300);
	cJSON_Delete(args);
}

/* What comes before a blank hides nothing. */
static void try_before(const char *text, size_t len, const char *what)
{
	char *all = malloc(len + strlen(what) + 1);
	cJSON *args = cJSON_CreateObject();

	CLAIM(all && args);
	memcpy(all, text, len);
	for (size_t i = 0; i < len; i++)
		if (!all[i])
			all[i] = '0';
	strcpy(all + len, what);
	cJSON_AddStringToObject(args, "x", all);
	CLAIM(judge(enforces, NULL, args).verdict == DECLARE_DENY);
	cJSON_Delete(args);
	free(all);
}

static int look(void *ctx, const struct host *host)
{
	(void)ctx;
	CLAIM(strlen(host->text) <= HOST_LEN_MAX);
	CLAIM(host->text[0] || host->is_unreadable);
	return 0;
}

static void try_time(const char *text, size_t len)
{
	char *repeated = malloc(REPEATED);
	clock_t from = clock();

	CLAIM(repeated);
	for (size_t i = 0; i < REPEATED; i++)
		repeated[i] = text[i % len];
	CLAIM(hosts_scan(repeated, REPEATED, false, look, NULL) == 0);
	CLAIM((double)(clock() - from) * (1e9 / CLOCKS_PER_SEC) < NS_A_BYTE_MAX * REPEATED);
	free(repeated);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;

	if (!enforces) {
		enforces = load("");
		observes = load("on_violation: log\n");
		CLAIM(declare_state_new(enforces, &state) == 0);
	}
	now += 100000000;
	try_json(text, len);
	try_before(text, len, " http://evil.test/");
	try_before(text, len, " http://bad.ok.test/");
	try_before(text, len, " ; rm -rf /");
	if (len)
		try_time(text, len);
	return 0;
}
