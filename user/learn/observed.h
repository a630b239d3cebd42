/* SPDX-License-Identifier: Apache-2.0 */
/* observed.h - what trails show, each thing once. */
#ifndef EC_OBSERVED_H
#define EC_OBSERVED_H

#include "places.h"
#include "story.h"
#include "values.h"

/* Past any of these, learning ends with -E2BIG. */
#define OBSERVED_MAX 200000u	       /* distinct effects */
#define OBSERVED_TEXT_MAX (256u << 20) /* bytes of their names and arguments */
#define OBSERVED_TOOLS_MAX 1000u
#define OBSERVED_ARGUMENTS_MAX 64u /* path arguments of one tool */

/* An effect or a pattern. tool: index, OBSERVED_BASELINE: of no tool. */
#define OBSERVED_BASELINE UINT32_MAX
struct sighting {
	uint32_t tool;
	enum ec_op op;	 /* loading counts as reading */
	bool is_pattern; /* text is for the policy as it is; else a path */
	char *text;
};

struct observed_argument {
	char name[VALUES_NAME_MAX];
	struct places places;
	bool is_used;	/* a pattern of the tool names it */
	bool is_inside; /* … only to read itself or below */
};
struct observed_tool {
	char *name;
	char *folded;
	struct observed_argument *arguments;
	size_t arguments_len;
	bool writes; /* what an argument names */
};

struct observed {
	const struct policy_env *env;
	struct sighting *at;
	size_t len, max;
	size_t *slots; /* hash table of index + 1 */
	size_t slots_len;
	size_t text_len;
	struct observed_tool *tools;
	size_t tools_len;
	uint64_t privileges;
	uint32_t never_hit; /* bit i: ground_never(i) would refuse something seen */
	uint64_t effects;
	uint64_t hopeless; /* effects that no policy can permit */
	uint64_t refused;  /* effects that did not happen */
	uint64_t nameless; /* calls of what no policy can name */
};

int observed_init(struct observed *observed, const struct policy_env *env);
/* Adds a trail; errors as story_tell. */
int observed_read(struct observed *observed, const char *path, struct policy_diag *ret_diag);
/* After the last: what was seen outside, or read by several tools, belongs to
 * the baseline alone; so does what a tool only reads or runs while an argument
 * names what it writes, because its ceiling is one for all: what lies in it to
 * be run could be written. Sorts by tool, operation and text. */
void observed_settle(struct observed *observed);
void observed_done(struct observed *observed);

/* A path as a pattern that means it; false: does not fit in to_len. */
bool observed_literal(const char *path, char *to, size_t to_len);

#endif
