// SPDX-License-Identifier: Apache-2.0
/* effect.c - an effect as a person writes it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "policy/compile/endpoint.h"
#include "policy/compile/resolve.h"
#include "policy/diag.h"
#include "policy/text/model.h"

static const struct {
	const char *name;
	enum ec_op op;
} words[] = {
	{ "read", EC_OP_READ },	      { "write", EC_OP_WRITE },	  { "exec", EC_OP_EXEC },
	{ "connect", EC_OP_CONNECT }, { "listen", EC_OP_LISTEN }, { "load", EC_OP_LOAD },
	{ "privilege", EC_OP_PRIV },
};

/* The kernel presents the task's own thread by its number, which no rule can
 * know: 0 stands for it. */
#define PROC_THREAD "/proc/thread-self"
#define PROC_TASK "/proc/self/task/0"

static int complain(struct policy_diag *diag, int error, const char *what, const char *text)
{
	return diag_set(diag, "", 0, 0, error, "effect \"%.200s\": %s", text, what);
}

static int path(const char *text, const struct policy_env *env, struct effect_asked *to,
		struct policy_diag *diag)
{
	char cwd[RESOLVE_PATH_MAX + 1], given[2 * RESOLVE_PATH_MAX + 2];
	struct glob_places places = resolve_places(env, text, cwd);
	const char *place = glob_starts_at(text, '~') ? places.home : places.cwd;
	struct resolved resolved;
	size_t own;
	int r;

	if (text[0] == '/')
		place = "";
	if (!place)
		return complain(diag, -EINVAL, "the path must start with /, ~/ or ./", text);
	snprintf(given, sizeof(given), "%s%s", place, text + (text[0] != '/'));
	r = resolve_path(env, given, NULL, &resolved);
	if (r < 0)
		return complain(diag, r, strerror(-r), text);
	own = resolve_is_below(resolved.path, PROC_THREAD) ? strlen(PROC_THREAD) : 0;
	to->len = (size_t)snprintf(to->string, sizeof(to->string), "%s%s", own ? PROC_TASK : "",
				   resolved.path + own);
	return 0;
}

static int endpoint(const char *text, const struct policy_env *env, struct effect_asked *to,
		    struct policy_diag *diag)
{
	const char *problem = NULL;
	struct endpoint e;

	if (endpoint_parse(text, &e, &problem) < 0)
		return complain(diag, -EINVAL, problem, text);
	if (e.kind == ENDPOINT_PATH)
		return path(text + strlen("unix:"), env, to, diag);
	if (e.kind == ENDPOINT_ABSTRACT) {
		to->string[0] = EC_STRING_ABSTRACT;
		to->len = 1 + strlen(text + strlen("unix:@"));
		if (to->len > ASK_STRING_MAX)
			return complain(diag, -ENAMETOOLONG, "too long", text);
		memcpy(to->string + 1, text + strlen("unix:@"), to->len - 1);
		return 0;
	}
	if (e.kind != ENDPOINT_INET || e.prefix != 128 || e.first_port != e.last_port)
		return complain(diag, -EINVAL,
				"one address and one port, such as 10.0.0.1:443 or [::1]:80", text);
	effect_at(to, &e);
	return 0;
}

void effect_at(struct effect_asked *effect, const struct endpoint *inet)
{
	struct endpoint e = *inet;

	if (effect->op == EC_OP_CONNECT)
		endpoint_target(&e);
	endpoint_string(&e, (uint8_t *)effect->string);
	effect->len = ENDPOINT_INET_LEN;
}

const char *ask_op(enum ec_op op)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].op == op)
			return words[i].name;
	return "unknown";
}

/* The other way round of endpoint_string. */
static void print_inet(const struct effect_asked *effect, char to[ENDPOINT_PRINT_MAX])
{
	const uint8_t *string = (const uint8_t *)effect->string;
	struct endpoint e = { .kind = ENDPOINT_INET, .prefix = 128 };

	memcpy(e.address, string + 1, sizeof(e.address));
	e.first_port = e.last_port = (uint16_t)(string[17] << 8 | string[18]);
	endpoint_print(&e, to);
}

void effect_print_target(const struct effect_asked *effect, char *to)
{
	bool is_socket = effect->op == EC_OP_CONNECT || effect->op == EC_OP_LISTEN;

	if (effect->op == EC_OP_PRIV)
		snprintf(to, ASK_TEXT_MAX, "%s", policy_priv_name(effect->priv));
	else if (effect->string[0] == EC_STRING_INET)
		print_inet(effect, to);
	else if (effect->string[0] == EC_STRING_HOST)
		snprintf(to, ASK_TEXT_MAX, "%s:%u", effect->string + 1,
			 (unsigned int)((uint8_t)effect->string[effect->len - 2] << 8 |
					(uint8_t)effect->string[effect->len - 1]));
	else if (effect->string[0] == EC_STRING_ABSTRACT)
		snprintf(to, ASK_TEXT_MAX, "unix:@%.*s", (int)effect->len - 1, effect->string + 1);
	else
		snprintf(to, ASK_TEXT_MAX, "%s%.*s", is_socket ? "unix:" : "", (int)effect->len,
			 effect->string);
}

static int privilege(const char *text, struct effect_asked *to, struct policy_diag *diag)
{
	for (uint32_t priv = 1; priv < EC_PRIV_MAX; priv++)
		if (!strcmp(policy_priv_name(priv), text)) {
			to->priv = priv;
			return 0;
		}
	return complain(diag, -EINVAL, "there is no such privilege", text);
}

int effect_parse(const char *text, const struct policy_env *env, struct effect_asked *ret_effect,
		 struct policy_diag *ret_diag)
{
	size_t len = strcspn(text, " ");
	const char *target = text + len + strspn(text + len, " ");

	memset(ret_effect, 0, sizeof(*ret_effect));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].name) == len && !strncmp(words[i].name, text, len))
			ret_effect->op = words[i].op;
	switch (ret_effect->op) {
	case EC_OP_CONNECT:
	case EC_OP_LISTEN:
		return endpoint(target, env, ret_effect, ret_diag);
	case EC_OP_PRIV:
		return privilege(target, ret_effect, ret_diag);
	case EC_OP_READ:
	case EC_OP_WRITE:
	case EC_OP_EXEC:
	case EC_OP_LOAD:
		return path(target, env, ret_effect, ret_diag);
	default:
		return complain(ret_diag, -EINVAL,
				"starts with read, write, exec, load, connect, listen or privilege",
				text);
	}
}
