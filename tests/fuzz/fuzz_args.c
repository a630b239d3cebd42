// SPDX-License-Identifier: Apache-2.0
/* fuzz_args.c - the JSON of some arguments, against rules of every kind. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "policy/policy.h"

static const char text[] =
	"name: f\nkernel:\n  tools:\n    t:\n      args:\n"
	"        s: { pattern: '(a+)+[bc]|\\p{L}*', min_length: 1, max_length: 9, optional: true "
	"}\n"
	"        e: { enum: [a, 1, true, null], optional: true }\n"
	"        n: { min: -3, max: 1000, optional: true }\n"
	"        i: { type: [integer, 'null'], optional: true }\n"
	"        l: { items: { items: { type: boolean }, max_items: 2 }, min_items: 1, optional: "
	"true }\n"
	"        o: { properties: { a: { type: string }, b: }, extra: deny, optional: true }\n"
	"        u: { url: { host: ['*.b', c], port: [443, 1-9], path: ['/a/**', '/*.{x,y}'], "
	"query: "
	"deny }, optional: true }\n"
	"      extra_args: deny\n";

static struct policy *policy;

/* A few of the rules, without the checker: by any reader's way to find a name. */
static void check_permitted(const cJSON *args)
{
	static const char names[] = "senilou";
	const cJSON *s = cJSON_GetObjectItem(args, "s"), *n = cJSON_GetObjectItem(args, "n"), *item;

	cJSON_ArrayForEach (item, args) {
		CLAIM(strlen(item->string) == 1 && strchr(names, item->string[0]));
		CLAIM(item == cJSON_GetObjectItem(args, item->string));
	}
	CLAIM(!s || (cJSON_IsString(s) && s->valuestring[0] && strlen(s->valuestring) <= 4 * 9));
	CLAIM(!n || (cJSON_IsNumber(n) && n->valuedouble >= -3 && n->valuedouble <= 1000));
}

static void try_args(const char *json, size_t len)
{
	const struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/" };
	cJSON *args = cJSON_ParseWithLength(json, len);
	struct automaton image = { 0 };
	struct policy_diag diag = { 0 };
	struct policy_diag again = { 0 };
	struct policy_call call;
	int r;

	if (!args)
		return;
	r = policy_call_compile(policy, &env, &image, "t", args, 1000, &call, &diag);
	CLAIM(r == 0 || r == -EACCES || r == -EINVAL);
	CLAIM(r == 0 || diag.text[0]);
	CLAIM(r != -EACCES || !strncmp(diag.text, "argument ", 9));
	CLAIM(r != -EACCES || diag.line);
	for (const char *c = diag.text; *c; c++)
		CLAIM(*c >= ' ' && *c <= '~');
	policy_call_done(&call);
	CLAIM(policy_call_compile(policy, &env, &image, "t", args, 1000, &call, &again) == r);
	CLAIM(!strcmp(diag.text, again.text));
	policy_call_done(&call);
	if (r == 0)
		check_permitted(args);
	cJSON_Delete(args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct policy_diag diag;

	if (!policy)
		CLAIM(policy_load_buffer("f.yaml", text, strlen(text), NULL, &policy, &diag) == 0);
	try_args((const char *)data, len);
	return 0;
}
