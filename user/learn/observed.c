// SPDX-License-Identifier: Apache-2.0
#include "observed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "form.h"
#include "ground.h"
#include "policy/automaton/fold.h"
#include "policy/automaton/glob.h"
#include "policy/grow.h"
#include "quote.h"

int observed_init(struct observed *observed, const struct policy_env *env)
{
	memset(observed, 0, sizeof(*observed));
	observed->env = env;
	observed->slots_len = 2 * 262144u;
	observed->slots = calloc(observed->slots_len, sizeof(*observed->slots));
	observed->tools = calloc(OBSERVED_TOOLS_MAX, sizeof(*observed->tools));
	return observed->slots && observed->tools ? 0 : -ENOMEM;
}

void observed_done(struct observed *observed)
{
	for (size_t i = 0; i < observed->len; i++)
		free(observed->at[i].text);
	for (size_t i = 0; i < observed->tools_len; i++) {
		struct observed_tool *tool = &observed->tools[i];

		for (size_t j = 0; j < tool->arguments_len; j++)
			places_done(&tool->arguments[j].places);
		free(tool->arguments);
		free(tool->name);
		free(tool->folded);
	}
	free(observed->tools);
	free(observed->slots);
	free(observed->at);
	memset(observed, 0, sizeof(*observed));
}

static int spend(struct observed *observed, size_t len)
{
	observed->text_len += len + 1;
	return observed->text_len > OBSERVED_TEXT_MAX ? -E2BIG : 0;
}

static uint64_t hash(uint32_t tool, enum ec_op op, bool is_pattern, const char *text)
{
	uint64_t h = 14695981039346656037ull ^ tool ^ (uint64_t)op << 33 ^
		     (uint64_t)is_pattern << 40;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211ull;
	return h ^ h >> 29;
}

static int see(struct observed *o, uint32_t tool, enum ec_op op, bool is_pattern, const char *text)
{
	size_t slot = hash(tool, op, is_pattern, text) % o->slots_len;
	struct sighting *s;

	for (; o->slots[slot]; slot = (slot + 1) % o->slots_len) {
		s = &o->at[o->slots[slot] - 1];
		if (s->tool == tool && s->op == op && s->is_pattern == is_pattern &&
		    !strcmp(s->text, text))
			return 0;
	}
	if (o->len >= OBSERVED_MAX || spend(o, strlen(text)) < 0)
		return -E2BIG;
	if (GROW(o->at, o->len + 1, o->max) < 0)
		return -ENOMEM;
	s = &o->at[o->len];
	*s = (struct sighting) { tool, op, is_pattern, strdup(text) };
	if (!s->text)
		return -ENOMEM;
	o->slots[slot] = ++o->len;
	return 0;
}

/* --- tools and their arguments --- */

static int find_tool(struct observed *o, const char *name, uint32_t *ret_tool)
{
	struct observed_tool *tool;
	char folded[FOLD_LEN];
	uint32_t i = 0;

	if (fold_name(name, folded) < 0)
		return -EINVAL;
	while (i < o->tools_len && strcmp(o->tools[i].folded, folded))
		i++;
	*ret_tool = i;
	if (i < o->tools_len)
		return 0;
	if (i == OBSERVED_TOOLS_MAX)
		return -E2BIG;
	tool = &o->tools[o->tools_len++];
	tool->name = strdup(name);
	tool->folded = strdup(folded);
	return tool->name && tool->folded ? 0 : -ENOMEM;
}

static struct observed_argument *find_argument(struct observed_tool *tool, const char *name)
{
	struct observed_argument *argument;

	for (size_t i = 0; i < tool->arguments_len; i++)
		if (!strcmp(tool->arguments[i].name, name))
			return &tool->arguments[i];
	if (!tool->arguments)
		tool->arguments = calloc(OBSERVED_ARGUMENTS_MAX, sizeof(*tool->arguments));
	if (!tool->arguments || tool->arguments_len == OBSERVED_ARGUMENTS_MAX)
		return NULL;
	argument = &tool->arguments[tool->arguments_len++];
	snprintf(argument->name, sizeof(argument->name), "%s", name);
	argument->is_inside = true;
	return argument;
}

static int add_place(struct observed *o, struct observed_argument *argument, const char *path,
		     bool is_tree)
{
	struct stat st;
	size_t len = argument->places.len;
	int r = places_add(&argument->places, path, is_tree,
			   stat(path, &st) == 0 && S_ISDIR(st.st_mode));

	return r == 0 && argument->places.len > len ? spend(o, strlen(path)) : r;
}

struct call_data {
	uint32_t tool;
	struct values values;
};

static int on_begin(void *ctx, struct story_call *call)
{
	struct call_data *data = calloc(1, sizeof(*data));
	struct observed *o = ctx;
	int r = data ? find_tool(o, call->tool, &data->tool) : -ENOMEM;

	if (r == -EINVAL) {
		o->nameless++;
		free(data);
		return 0;
	}
	if (r == 0)
		r = values_read(call->args, o->env, &data->values);
	if (r < 0) {
		free(data);
		return r;
	}
	call->data = data;
	for (size_t i = 0; r == 0 && i < data->values.len; i++) {
		const struct value *value = &data->values.at[i];
		struct observed_argument *argument = NULL;

		if (value->path)
			argument = find_argument(&o->tools[data->tool], value->name);
		if (argument)
			r = add_place(o, argument, value->path, false);
		if (argument && r == 0 && value->resolved)
			r = add_place(o, argument, value->resolved, false);
	}
	return r;
}

static void on_end(void *ctx, struct story_call *call)
{
	struct call_data *data = call->data;

	(void)ctx;
	if (data)
		values_done(&data->values);
	free(data);
	call->data = NULL;
}

/* The ceiling must have room for what the pattern grants. */
static int use_argument(struct observed *o, uint32_t tool, const struct form *form, enum ec_op op,
			const char *path)
{
	struct observed_argument *argument = find_argument(&o->tools[tool], form->name);
	const char *tail = strchr(form->pattern, '}') + 1;
	size_t len = 0;
	char dir[ASK_STRING_MAX];

	if (!argument)
		return -E2BIG;
	argument->is_used = true;
	argument->is_inside &= op == EC_OP_READ && !form->up;
	o->tools[tool].writes |= op == EC_OP_WRITE;
	if (!strcmp(tail, "/**")) { /* below which of its values? */
		for (size_t i = 0; i < argument->places.len; i++) {
			const char *at = argument->places.at[i].path;
			size_t at_len = strlen(at);

			if (at_len > len && !strncmp(path, at, at_len) && path[at_len] == '/')
				len = at_len;
		}
		memcpy(dir, path, len);
		dir[len] = '\0';
		return len ? add_place(o, argument, dir, true) : 0;
	}
	return form->up && !ground_is_wide(path) ? 0 : add_place(o, argument, path, false);
}

/* --- effects --- */

/* A byte that is not UTF-8 stands as any byte: YAML could not write it. */
bool observed_literal(const char *path, char *to, size_t to_len)
{
	char plain[ASK_STRING_MAX];
	uint32_t code;
	size_t len = 0, n;

	if (strlen(path) >= sizeof(plain))
		return false;
	for (; path[len]; len += n) {
		n = quote_decode(path + len, &code);
		memcpy(plain + len, n ? path + len : "\x01", n ? n : 1);
		n += !n;
	}
	plain[len] = '\0';
	if (!glob_escape(plain, to, to_len))
		return false;
	for (; *to; to++)
		if (*to == '\x01')
			*to = '?';
	return true;
}

static int see_endpoint(struct observed *o, uint32_t tool, const struct story_effect *effect)
{
	const char *prefix = "", *name = effect->text;
	char escaped[GLOB_TEXT_MAX], pattern[GLOB_TEXT_MAX + 8];

	if (effect->asked.string[0] == '/')
		prefix = "unix:";
	else if (!strncmp(name, "unix:@", 6))
		prefix = "unix:@", name += 6;
	else
		return see(o, tool, effect->asked.op, true, name);
	if (!observed_literal(name, escaped, sizeof(escaped)))
		return -E2BIG;
	snprintf(pattern, sizeof(pattern), "%s%s", prefix, escaped);
	return see(o, tool, effect->asked.op, true, pattern);
}

/* By an argument of one of the calls, if it can be. 1: it was. */
static int see_form(struct observed *o, const struct story_effect *effect, enum ec_op op)
{
	struct form form;
	int r;

	for (size_t i = 0; i < effect->calls_len; i++) {
		const struct call_data *data = effect->calls[i]->data;

		if (!data || !form_find(&data->values, effect, &form))
			continue;
		r = see(o, data->tool, op, true, form.pattern);
		if (r == 0 && form.name)
			r = use_argument(o, data->tool, &form, op, effect->asked.string);
		return r < 0 ? r : 1;
	}
	return 0;
}

static int on_effect(void *ctx, const struct story_effect *effect)
{
	enum ec_op op = effect->asked.op == EC_OP_LOAD ? EC_OP_READ : effect->asked.op;
	const char *path = effect->asked.string, *tree = NULL;
	uint32_t tool = OBSERVED_BASELINE;
	struct observed *o = ctx;
	int r;

	o->effects++;
	if (effect->hopeless) {
		o->hopeless++;
		return 0;
	}
	if (op == EC_OP_PRIV) {
		o->privileges |= 1ull << effect->asked.priv;
		return 0;
	}
	if (effect->calls_len == 1 && !effect->calls[0]->data)
		return 0; /* a call that the policy cannot name is refused */
	if (path[0] == '/' && op != EC_OP_WRITE)
		o->never_hit |= ground_never_hits(path);
	if (op == EC_OP_READ && !ground_is_secret(path))
		tree = ground_system_tree(path);
	if (tree)
		return see(o, OBSERVED_BASELINE, op, true, tree);
	r = see_form(o, effect, op);
	if (r)
		return r < 0 ? r : 0;
	if (effect->calls_len == 1)
		tool = ((struct call_data *)effect->calls[0]->data)->tool;
	if (op == EC_OP_CONNECT || op == EC_OP_LISTEN)
		return see_endpoint(o, tool, effect);
	return see(o, tool, op, false, path);
}

int observed_read(struct observed *observed, const char *path, struct policy_diag *ret_diag)
{
	struct story story = {
		.begin = on_begin, .effect = on_effect, .end = on_end, .ctx = observed
	};
	int r = story_tell(&story, path, ret_diag);

	observed->refused += story.refused;
	return r;
}

/* --- settling --- */

static int by_text(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
	int r = strcmp(x->text, y->text);

	if (!r && x->op != y->op)
		r = x->op < y->op ? -1 : 1;
	if (!r && x->tool != y->tool) /* the baseline first */
		r = x->tool + 1 < y->tool + 1 ? -1 : 1;
	return r;
}

static int by_tool(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;

	if (x->tool != y->tool)
		return x->tool < y->tool ? -1 : 1;
	if (x->op != y->op)
		return x->op < y->op ? -1 : 1;
	if (x->is_pattern != y->is_pattern)
		return x->is_pattern ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* Several tools that only look share it; what they change or reach does not
 * become everybody's for that. */
static bool is_shared(const struct observed *o, const struct sighting *first, size_t len)
{
	bool looks = first->op == EC_OP_READ || first->op == EC_OP_EXEC;

	if (first->is_pattern && strstr(first->text, "${"))
		return false;
	if (first->tool == OBSERVED_BASELINE)
		return true;
	for (size_t i = 0; i < len; i++)
		looks &= len > 1 ? first->op == EC_OP_READ : o->tools[first[i].tool].writes;
	return looks && !ground_is_secret(first->text);
}

void observed_settle(struct observed *o)
{
	size_t kept = 0, len;

	if (o->len)
		qsort(o->at, o->len, sizeof(*o->at), by_text);
	for (size_t i = 0; i < o->len; i += len) {
		for (len = 1; i + len < o->len && o->at[i + len].op == o->at[i].op &&
			      !strcmp(o->at[i + len].text, o->at[i].text);)
			len++;
		if (is_shared(o, &o->at[i], len)) {
			o->at[kept] = o->at[i];
			o->at[kept++].tool = OBSERVED_BASELINE;
			for (size_t j = 1; j < len; j++)
				free(o->at[i + j].text);
			continue;
		}
		memmove(&o->at[kept], &o->at[i], len * sizeof(*o->at));
		kept += len;
	}
	o->len = kept;
	memset(o->slots, 0, o->slots_len * sizeof(*o->slots)); /* sorted: no more look-ups */
	if (o->len)
		qsort(o->at, o->len, sizeof(*o->at), by_tool);
}
