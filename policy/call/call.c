// SPDX-License-Identifier: Apache-2.0
/* call.c - one declared call: its arguments in the place of ${args.…}. */
#include "call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/args/args.h"
#include "policy/args/url.h"
#include "policy/declare/rules.h"
#include "policy/diag.h"
#include "policy/grow.h"
#include "policy/when/when.h"

int call_refuse(struct caller *c, const char *format, ...)
{
	const struct policy_rule *rule = &c->policy->rules[c->rule];
	char text[sizeof(c->diag->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return diag_set(c->diag, rule->file, rule->line, rule->column, -EACCES, "%s", text);
}

/* The argument at a dotted name; NULL: missing. */
static const cJSON *find_argument(const cJSON *args, const char *name, size_t len)
{
	char part[256];

	while (args && len) {
		const char *dot = memchr(name, '.', len);
		size_t part_len = dot ? (size_t)(dot - name) : len;

		if (part_len >= sizeof(part) || !cJSON_IsObject(args))
			return NULL;
		memcpy(part, name, part_len);
		part[part_len] = '\0';
		args = cJSON_GetObjectItemCaseSensitive(args, part);
		name += part_len + (dot != NULL);
		len -= part_len + (dot != NULL);
	}
	return args;
}

/* A window that ends later than any call lasts needs no deadline. */
#define CALL_WINDOW_SECONDS 1000000

static int fill(struct caller *c, size_t part, size_t len);

static int fill_text(struct caller *c, size_t part, size_t len, const char *text, size_t text_len)
{
	if (len + text_len >= sizeof(c->text))
		return call_refuse(c, "argument of tool %s is too long", c->tool->name);
	memcpy(c->text + len, text, text_len);
	memset(c->is_static + len, false, text_len);
	return fill(c, part + 1, len + text_len);
}

static int fill_scalar(struct caller *c, size_t part, size_t len, const cJSON *value)
{
	const struct template_part *p = &c->template.parts[part];
	char *printed;
	int r;

	if (cJSON_IsString(value))
		return fill_text(c, part, len, value->valuestring, strlen(value->valuestring));
	if (!cJSON_IsNumber(value) && !cJSON_IsBool(value))
		return call_refuse(c, "argument %.*s of tool %s is not text", (int)p->len, p->text,
				   c->tool->name);
	printed = cJSON_PrintUnformatted(value);
	if (!printed)
		return -ENOMEM;
	r = fill_text(c, part, len, printed, strlen(printed));
	cJSON_free(printed);
	return r;
}

/* ${args.NAME.host} and ${args.NAME.port} of an argument that is a URL. One of a
 * list has none: hosts of one would go with ports of another. */
static int fill_url_part(struct caller *c, size_t part, size_t len)
{
	const struct template_part *p = &c->template.parts[part];
	const char *dot = memrchr(p->text, '.', p->len), *problem;
	size_t url_len = dot ? (size_t)(dot - p->text) : 0;
	const cJSON *value = find_argument(c->args, p->text, url_len);
	char text[URL_HOST_MAX + 3];
	struct url url;
	bool host;

	if (!dot || p->len - url_len != 5 || !cJSON_IsString(value))
		return 0;
	host = !memcmp(dot, ".host", 5);
	if (!host && memcmp(dot, ".port", 5))
		return 0;
	if (url_parse(value->valuestring, strlen(value->valuestring), &url, &problem) < 0)
		return call_refuse(c, "the URL in argument %.*s of tool %s %s", (int)url_len,
				   p->text, c->tool->name, problem);
	if (!host && !url.port)
		return call_refuse(c, "the URL in argument %.*s of tool %s has no port",
				   (int)url_len, p->text, c->tool->name);
	if (host)
		snprintf(text, sizeof(text), url.kind == URL_IPV6 ? "[%s]" : "%s", url.host);
	else
		snprintf(text, sizeof(text), "%u", url.port);
	return fill_text(c, part, len, text, strlen(text));
}

static int fill_argument(struct caller *c, size_t part, size_t len)
{
	const struct template_part *p = &c->template.parts[part];
	const cJSON *value = find_argument(c->args, p->text, p->len), *item;
	int r = 0;

	if (!value) /* this pattern grants nothing */
		return fill_url_part(c, part, len);
	if (!cJSON_IsArray(value))
		return fill_scalar(c, part, len, value);
	cJSON_ArrayForEach (item, value) {
		if ((r = fill_scalar(c, part, len, item)) < 0)
			return r;
	}
	return 0;
}

static bool is_path(const struct caller *c)
{
	const struct template_part *first = &c->template.parts[0];

	return c->op <= EC_OP_EXEC ||
	       (!first->is_argument && first->len > 5 && !strncmp(first->text, "unix:", 5) &&
		first->text[5] != '@') ||
	       (!first->is_argument && first->len == 5 && !strncmp(first->text, "unix:", 5));
}

/* Static text before the last argument has no wildcards, only escapes. */
static int fill_static(struct caller *c, size_t part, size_t len)
{
	const struct template_part *p = &c->template.parts[part];

	for (size_t i = 0; i < p->len; i++) {
		if (is_path(c) && p->text[i] == '\\' && i + 1 < p->len)
			i++;
		if (len + 1 >= sizeof(c->text))
			return call_refuse(c, "argument of tool %s is too long", c->tool->name);
		c->is_static[len] = true;
		c->text[len++] = p->text[i];
	}
	return fill(c, part + 1, len);
}

static int fill(struct caller *c, size_t part, size_t len)
{
	if (part <= c->template.last)
		return c->template.parts[part].is_argument ? fill_argument(c, part, len) :
							     fill_static(c, part, len);
	if (++c->texts > CALL_TEXTS_MAX)
		return diag_set(c->diag, c->policy->file, 0, 0, -E2BIG,
				"the arguments name more than %u objects", CALL_TEXTS_MAX);
	c->text[len] = '\0';
	return is_path(c) ? call_path(c) : call_endpoint(c);
}

static int add_template(struct caller *c, enum ec_op op, uint32_t rule)
{
	const char *pattern = c->policy->rules[rule].pattern, *problem = NULL;
	const struct template_part *last;

	c->rule = rule;
	c->op = op;
	if (template_parse(pattern, &c->template, &problem) < 0)
		return call_refuse(c, "pattern %s", problem);
	c->rest[0] = '\0';
	last = &c->template.parts[c->template.len - 1];
	if (!last->is_argument && !last->is_up) {
		if (last->len >= sizeof(c->rest))
			return -E2BIG;
		memcpy(c->rest, last->text, last->len);
		c->rest[last->len] = '\0';
	}
	return fill(c, 0, 0);
}

static int add_templates(struct caller *c)
{
	int r = 0;

	for (size_t i = 0; i < MODEL_OPS; i++) {
		const struct patterns *p = &c->tool->grants.op[i];

		for (uint32_t j = 0; r == 0 && j < p->len; j++)
			if (template_is_one(c->policy->rules[p->first + j].pattern))
				r = add_template(c, MODEL_OP(i), p->first + j);
	}
	return r;
}

/* The tool's windows of time: one must be open, and the call ends with it. */
static int check_when(struct caller *c, struct policy_call *call)
{
	time_t now = c->env->now ? (time_t)c->env->now : time(NULL), end = 0, last = 0;
	const struct tool *tool = c->tool;
	bool open = !tool->has_when;

	for (size_t i = 0; i < tool->when_len; i++) {
		if (!when_contains(&tool->when[i], now, &end))
			continue;
		last = !end || (open && !last) ? 0 : end > last ? end : last;
		open = true;
	}
	call->closed = !open;
	if (!open)
		return diag_set(
			c->diag, c->policy->file, tool->when_line, tool->when_column, -EACCES,
			"tool %s may not be called now: `when` of tool %s (%s:%u:%u)", tool->name,
			tool->name, c->policy->file, tool->when_line, tool->when_column);
	if (last && last - now <= CALL_WINDOW_SECONDS)
		call->window_ms = (uint32_t)(last - now) * 1000;
	return 0;
}

/* Before anything is granted: are the arguments what they may be? */
static int check_args(struct caller *c)
{
	const struct args_rule *rule = NULL;
	char why[ARGS_WHY_MAX];
	int r = c->tool->args ? args_check(c->tool->args, c->args, why, &rule) : 0;

	if (r == -EACCES)
		return diag_set(c->diag, rule->file, rule->line, rule->column, r, "%s", why);
	return r;
}

/* What no call may exceed, the default of the caller included. */
static void limit_time(const struct caller *c, struct policy_call *call)
{
	uint32_t most = c->policy->declaration->call_max_ms;

	if (most && most < (call->timeout_ms ? call->timeout_ms : POLICY_TIMEOUT_MS))
		call->timeout_ms = most;
}

int call_compile(struct caller *c, uint32_t words_max, struct policy_call *ret_call)
{
	int r;

	memset(ret_call, 0, sizeof(*ret_call));
	if (c->args && !cJSON_IsObject(c->args))
		return diag_set(c->diag, c->policy->file, 0, 0, -EINVAL,
				"the arguments must be a JSON object");
	limit_time(c, ret_call);
	if (!c->tool)
		return 0; /* may be called, but nothing is granted */
	if ((r = check_args(c)) < 0 || (r = add_templates(c)) < 0 ||
	    (r = compile_image(c->policy, c->nfa, words_max, &ret_call->automaton, c->diag)) < 0)
		return r;
	ret_call->tool = c->tool->id;
	ret_call->within = c->tool->within_id;
	ret_call->scope = c->tool->scope;
	ret_call->timeout_ms = c->tool->timeout_ms;
	limit_time(c, ret_call);
	return check_when(c, ret_call);
}

int policy_call_compile_told(const struct policy *policy, const struct policy_env *env,
			     const struct automaton *policy_image, const char *tool,
			     const struct cJSON *args, uint32_t words_max,
			     int (*each)(void *ctx, const struct policy_grant *grant), void *ctx,
			     struct policy_call *ret_call, struct policy_diag *ret_diag)
{
	_cleanup_nfa_ struct nfa nfa = { 0 };
	struct policy_diag unused = { 0 };
	struct caller c = {
		.policy = policy,
		.env = env,
		.image = policy_image,
		.tool = model_tool(policy, tool),
		.args = args,
		.diag = ret_diag ? ret_diag : &unused,
		.nfa = &nfa,
		.granted = each,
		.granted_ctx = ctx,
	};

	return call_compile(&c, words_max, ret_call);
}

int policy_call_compile(const struct policy *policy, const struct policy_env *env,
			const struct automaton *policy_image, const char *tool,
			const struct cJSON *args, uint32_t words_max, struct policy_call *ret_call,
			struct policy_diag *ret_diag)
{
	return policy_call_compile_told(policy, env, policy_image, tool, args, words_max, NULL,
					NULL, ret_call, ret_diag);
}

void policy_call_done(struct policy_call *call)
{
	automaton_done(&call->automaton);
	memset(call, 0, sizeof(*call));
}
