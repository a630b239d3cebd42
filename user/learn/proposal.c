// SPDX-License-Identifier: Apache-2.0
#include "proposal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "collapse.h"
#include "ground.h"
#include "policy/automaton/glob.h"
#include "quote.h"

#define SECRET "look at this: a place of secrets"

static const char *const op_names[] = {
	[EC_OP_READ] = "read",	     [EC_OP_WRITE] = "write",	[EC_OP_EXEC] = "exec",
	[EC_OP_CONNECT] = "connect", [EC_OP_LISTEN] = "listen",
};
#define OPS (sizeof(op_names) / sizeof(*op_names))

struct writer {
	struct observed *o;
	const struct proposal_options *options;
	FILE *to;
	/* what the operations of the tool in hand come to */
	struct patterns_made made[OPS];
};

static void put_item(const struct writer *w, const char *indent, const char *text,
		     const char *comment)
{
	fprintf(w->to, "%s- ", indent);
	quote_put(text, w->to);
	fprintf(w->to, comment ? " # %s\n" : "\n", comment);
}

/* The first sighting of this tool and operation, or of what comes after. */
static size_t first_of(const struct observed *o, uint32_t tool, enum ec_op op)
{
	size_t low = 0, high = o->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct sighting *s = &o->at[middle];

		if (s->tool < tool || (s->tool == tool && s->op < op))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The sightings of both: at[*ret_from .. return - 1], patterns before paths. */
static size_t find(const struct observed *o, uint32_t tool, enum ec_op op, size_t *ret_from,
		   size_t *ret_paths)
{
	size_t i = first_of(o, tool, op);

	*ret_from = *ret_paths = i;
	while (i < o->len && o->at[i].tool == tool && o->at[i].op == op)
		*ret_paths += o->at[i++].is_pattern;
	return i;
}

static bool has_any(const struct observed *o, uint32_t tool)
{
	size_t first = first_of(o, tool, 0);

	return first < o->len && o->at[first].tool == tool;
}

static int collapse_tool(struct writer *w, uint32_t tool)
{
	size_t from, paths, to;
	int r = 0;

	for (unsigned int op = EC_OP_READ; r == 0 && op < OPS; op++) {
		patterns_made_done(&w->made[op]);
		to = find(w->o, tool, op, &from, &paths);
		r = collapse(&w->o->at[paths], to - paths, w->options->most, &w->made[op]);
	}
	return r;
}

static void put_op(const struct writer *w, uint32_t tool, enum ec_op op, const char *indent)
{
	const struct patterns_made *made = &w->made[op];
	size_t from, paths, to = find(w->o, tool, op, &from, &paths);
	char deeper[16];

	if (from == to)
		return;
	snprintf(deeper, sizeof(deeper), "%s  ", indent);
	fprintf(w->to, "%s%s:\n", indent, op_names[op]);
	for (size_t i = from; i < paths; i++)
		put_item(w, deeper, w->o->at[i].text, NULL);
	for (size_t i = 0; i < made->len; i++)
		put_item(w, deeper, made->at[i].text, made->at[i].is_secret ? SECRET : NULL);
}

static int put_baseline(struct writer *w)
{
	int r = collapse_tool(w, OBSERVED_BASELINE);

	fprintf(w->to, "  # at any time, whatever is declared\n  baseline:%s\n",
		has_any(w->o, OBSERVED_BASELINE) ? "" : " {}");
	for (unsigned int op = EC_OP_READ; r == 0 && op < OPS; op++)
		put_op(w, OBSERVED_BASELINE, op, "    ");
	return r;
}

static void put_never(const struct writer *w)
{
	const char *pattern;

	fprintf(w->to, "  # whatever else is said; add what is precious here\n"
		       "  never:\n    read:\n");
	for (size_t i = 0; (pattern = ground_never(i)); i++)
		if (w->o->never_hit >> i & 1)
			fprintf(w->to,
				"      # look at this: \"%s\" would belong here, but it was read\n",
				pattern);
		else
			put_item(w, "      ", pattern, NULL);
}

static void put_allow(const struct writer *w)
{
	if (!w->o->privileges)
		return;
	fprintf(w->to, "  # look at this: privileges that were used; each is power over the host\n"
		       "  allow:\n");
	for (unsigned int priv = 1; policy_priv_name(priv); priv++)
		if (w->o->privileges >> priv & 1)
			put_item(w, "    ", policy_priv_name(priv), NULL);
}

/* --- tools --- */

/* By an argument before this one. */
static bool is_told(const struct observed_tool *tool, const struct observed_argument *until,
		    const struct place *place)
{
	for (const struct observed_argument *a = tool->arguments; a < until; a++)
		for (size_t i = 0; a->is_used && i < a->places.len; i++)
			if (a->places.at[i].is_tree == place->is_tree &&
			    !strcmp(a->places.at[i].path, place->path))
				return true;
	return false;
}

static int put_places(const struct writer *w, const struct observed_tool *tool,
		      struct observed_argument *argument)
{
	char text[GLOB_TEXT_MAX];
	int r = places_join(&argument->places, argument->is_inside);

	for (size_t i = 0; r == 0 && i < argument->places.len; i++) {
		const struct place *place = &argument->places.at[i];

		if (is_told(tool, argument, place))
			continue;
		if (!observed_literal(place->path, text, sizeof(text) - 4))
			return -E2BIG;
		if (place->is_tree)
			strcat(text, "/**");
		put_item(w, "        ", text,
			 place->is_tree		       ? NULL :
			 ground_is_secret(place->path) ? SECRET :
							 "look at this: no directory to name "
							 "around it");
	}
	if (argument->places.dropped)
		fprintf(w->to, "        # look at this: %zu more places have no room here\n",
			argument->places.dropped);
	return r;
}

static int put_within(const struct writer *w, struct observed_tool *tool)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < tool->arguments_len; i++) {
		if (!tool->arguments[i].is_used)
			continue;
		if (!any)
			fprintf(w->to, "      within:\n");
		any = true;
		r = put_places(w, tool, &tool->arguments[i]);
	}
	/* the ceiling is one for all that the tool does to files */
	for (unsigned int op = EC_OP_READ; any && op <= EC_OP_EXEC; op++)
		for (size_t i = 0; i < w->made[op].len; i++)
			put_item(w, "        ", w->made[op].at[i].text, NULL);
	return r;
}

static int put_tool(struct writer *w, uint32_t index)
{
	struct observed_tool *tool = &w->o->tools[index];
	int r = collapse_tool(w, index);

	fprintf(w->to, "    ");
	quote_put(tool->name, w->to);
	if (!has_any(w->o, index)) {
		fprintf(w->to, ": {} # nothing of its own was seen\n");
		return r;
	}
	fprintf(w->to, ":\n");
	for (unsigned int op = EC_OP_READ; r == 0 && op < OPS; op++)
		put_op(w, index, op, "      ");
	return r < 0 ? r : put_within(w, tool);
}

static void put_head(const struct writer *w)
{
	const struct observed *o = w->o;

	fprintf(w->to,
		"# Proposed from %" PRIu64 " effects that were observed: the least that permits\n"
		"# them. What was not seen is not here. Read it before it is used, above all the\n"
		"# lines with \"look at this\".\n",
		o->effects);
	if (o->refused)
		fprintf(w->to, "# %" PRIu64 " effects that had been refused are not permitted.\n",
			o->refused);
	if (o->hopeless)
		fprintf(w->to, "# %" PRIu64 " effects could not be told; no policy permits them.\n",
			o->hopeless);
	if (o->nameless)
		fprintf(w->to, "# %" PRIu64 " calls had tool names that no policy can list.\n",
			o->nameless);
	fprintf(w->to, "name: ");
	quote_put(w->options->name, w->to);
	fprintf(w->to, "\nversion: \"1.0\"\non_violation: block\nrules:\n  allowed_tools:%s\n",
		o->tools_len ? "" : " []");
	for (size_t i = 0; i < o->tools_len; i++)
		put_item(w, "    ", o->tools[i].name, NULL);
	fprintf(w->to, "kernel:\n  mode: enforce\n  undeclared: deny\n");
}

int proposal_write(struct observed *observed, const struct proposal_options *options, FILE *to)
{
	struct writer w = { .o = observed, .options = options, .to = to };
	int r;

	observed_settle(observed);
	put_head(&w);
	put_allow(&w);
	r = put_baseline(&w);
	put_never(&w);
	if (r == 0 && observed->tools_len)
		fprintf(to, "  # while a call is open; ${args.x} is what the call says\n"
			    "  tools:\n");
	for (uint32_t i = 0; r == 0 && i < observed->tools_len; i++)
		r = put_tool(&w, i);
	for (size_t op = 0; op < OPS; op++)
		patterns_made_done(&w.made[op]);
	return r < 0 ? r : ferror(to) ? -EIO : 0;
}
