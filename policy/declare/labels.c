// SPDX-License-Identifier: Apache-2.0
/* labels.c - data that says how sensitive it is, and who may have it. */
#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

#include "judge.h"
#include "policy/text/model.h"

#define VIOLATION "sensitivity_violation"

static bool is_label(const char *name)
{
	static const char *const names[] = { "sensitivity", "sensitivity_label",
					     "sensitivityLabel" };

	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

/* A label that is none of ours might be any. */
static enum declare_level level_of(const cJSON *label)
{
	for (size_t i = 0; cJSON_IsString(label) && declare_level_names[i]; i++)
		if (!strcasecmp(label->valuestring, declare_level_names[i]))
			return (enum declare_level)(DECLARE_PUBLIC + i);
	return DECLARE_RESTRICTED;
}

static enum declare_level highest(const cJSON *value)
{
	enum declare_level level = DECLARE_PUBLIC, below;

	for (const cJSON *child = value ? value->child : NULL; child; child = child->next) {
		below = cJSON_IsObject(value) && is_label(child->string) ? level_of(child) :
									   highest(child);
		level = below > level ? below : level;
	}
	return level;
}

int labels_check(struct judge *j)
{
	const struct declare_labels *rules = &j->rules->labels;
	const struct tool *tool = model_tool(j->policy, j->tool);
	enum declare_level clearance = rules->clearance, level;
	const char *name;

	if (!rules->enabled)
		return 0;
	if (tool && tool->clearance)
		clearance = (enum declare_level)tool->clearance;
	level = highest(j->value);
	if (level <= clearance)
		return 0;
	name = declare_level_names[level - DECLARE_PUBLIC];
	return (rules->enforces ? judge_refuse : judge_log)(
		j, VIOLATION, rules->rule,
		"the arguments are labelled %s, and the tool has clearance for %s data", name,
		declare_level_names[clearance - DECLARE_PUBLIC]);
}
