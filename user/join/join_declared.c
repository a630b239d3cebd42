// SPDX-License-Identifier: Apache-2.0
/* join_declared.c - the objects that a call's grants name, each as the kernel
 * will name it, so that what was never seen can be told. */
#include <stdlib.h>
#include <string.h>

#include "join_impl.h"
#include "policy/automaton/glob.h"
#include "policy/automaton/match.h"
#include "policy/compile/endpoint.h"
#include "policy/grow.h"

struct naming {
	const struct join_declaring *declaring;
	const struct policy_grant *grant;
};

/* A path ends in a NUL behind its len bytes. */
static void add(const struct naming *naming, const void *string, size_t len)
{
	struct join *join = naming->declaring->join;
	const struct automaton *image = naming->declaring->image;
	const struct policy_grant *grant = naming->grant;
	size_t text_len = len + strlen(grant->pattern);
	struct join_declared *declared;
	struct ec_match match;

	if (text_len > JOIN_DECLARED_TEXT_MAX - join->declared_text_len ||
	    join->declared_len == JOIN_DECLARED_MAX ||
	    GROW(join->declared, join->declared_len + 1, join->declared_room) < 0) {
		join->omitted++;
		return;
	}
	match = match_at(image, match_run(image, image->start, string, len), EC_OP_BIT(grant->op),
			 0, 0);
	declared = &join->declared[join->declared_len];
	*declared = (struct join_declared) {
		.op = grant->op,
		.text = grant->text,
		.is_baseline = match.baseline,
		.name = strdup(*(const char *)string == '/' ? string : grant->pattern),
		.string = malloc(len + 1),
		.string_len = len,
	};
	if (!declared->name || !declared->string) {
		free(declared->name);
		free(declared->string);
		join->omitted++;
		return;
	}
	memcpy(declared->string, string, len);
	join->declared_text_len += text_len;
	join->declared_len++;
}

/* One alternative of a pattern, if it names one path. */
static int name_path(void *ctx, const char *alternative)
{
	char canonical[GLOB_TEXT_MAX], path[GLOB_TEXT_MAX];
	static const struct glob_places none = { 0 };
	const struct naming *naming = ctx;
	const char *problem;

	if (glob_canonical(alternative, &none, canonical, &problem) == 0 &&
	    !*glob_literal(canonical, path))
		add(naming, path, strlen(path));
	return 0;
}

static void name_endpoint(const struct naming *naming)
{
	uint8_t string[ENDPOINT_INET_LEN];
	struct endpoint endpoint;
	const char *problem;

	if (endpoint_parse(naming->grant->pattern, &endpoint, &problem) < 0 ||
	    endpoint.kind != ENDPOINT_INET || endpoint.prefix != 128 ||
	    endpoint.first_port != endpoint.last_port)
		return;
	endpoint_string(&endpoint, string);
	add(naming, string, sizeof(string));
}

int join_declare(void *ctx, const struct policy_grant *grant)
{
	struct naming naming = { .declaring = ctx, .grant = grant };
	const char *problem, *path = grant->pattern;

	if (grant->op > EC_OP_EXEC && !strncmp(path, "unix:/", 6))
		path += 5;
	if (path[0] == '/')
		glob_braces(path, name_path, &naming, &problem);
	else if (grant->op > EC_OP_EXEC)
		name_endpoint(&naming);
	return 0;
}

void join_undeclare(struct join *join)
{
	for (size_t i = 0; i < join->declared_len; i++) {
		free(join->declared[i].name);
		free(join->declared[i].string);
	}
	join->declared_len = join->declared_text_len = 0;
}

/* Code is loaded by what may be executed, or read. */
static bool is_of(uint32_t op, uint8_t seen)
{
	return op == seen || (seen == EC_OP_LOAD && (op == EC_OP_EXEC || op == EC_OP_READ));
}

void join_mark(struct join *join, const struct effect *effect)
{
	for (size_t i = 0; i < join->declared_len; i++) {
		struct join_declared *declared = &join->declared[i];

		if (is_of(declared->op, effect->obs.op) &&
		    declared->string_len == effect->obs.target_len &&
		    !memcmp(declared->string, effect->target, declared->string_len))
			declared->is_seen = true;
	}
}
