// SPDX-License-Identifier: Apache-2.0
/* check.c - arguments against their rules. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "policy/utf8.h"

#define PATH_LEN 160u
#define WORDS_LEN 120u

/* A value, and what it is called: "options.depth", "paths[3]". */
struct checked {
	const struct args_rule *rule;
	const cJSON *value;
	char path[PATH_LEN];
	struct regex_run *run;
	char *why; /* ARGS_WHY_MAX */
	const struct args_rule **ret_rule;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct checked *c, const char *format,
							...)
{
	int len = snprintf(c->why, ARGS_WHY_MAX, "argument %s ", c->path);
	va_list args;

	va_start(args, format);
	vsnprintf(c->why + len, ARGS_WHY_MAX - (size_t)len, format, args);
	va_end(args);
	*c->ret_rule = c->rule;
	return -EACCES;
}

static bool is_integer(const cJSON *value)
{
	double number = value->valuedouble;

	return cJSON_IsNumber(value) && number == floor(number) && fabs(number) <= ARGS_INTEGER_MAX;
}

static bool has_type(const cJSON *value, uint32_t types)
{
	if (cJSON_IsString(value))
		return types & ARGS_STRING;
	if (cJSON_IsNumber(value))
		return types & ARGS_NUMBER || (types & ARGS_INTEGER && is_integer(value));
	if (cJSON_IsBool(value))
		return types & ARGS_BOOLEAN;
	if (cJSON_IsArray(value))
		return types & ARGS_ARRAY;
	if (cJSON_IsObject(value))
		return types & ARGS_OBJECT;
	return cJSON_IsNull(value) && types & ARGS_NULL;
}

static int check_type(const struct checked *c)
{
	static const char *const names[] = { "a string", "an integer", "a number", "a boolean",
					     "a list",	 "a mapping",  "null" };
	char known[120] = "";

	if (has_type(c->value, c->rule->types))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(c->rule->types >> i & 1))
			continue;
		strcat(known, known[0] ? " or " : "");
		strcat(known, names[i]);
	}
	return refuse(c, "must be %s", known);
}

static bool is_word(const struct args_value *word, const cJSON *value)
{
	switch (word->type) {
	case ARGS_STRING:
		return cJSON_IsString(value) && !strcmp(value->valuestring, word->text);
	case ARGS_NUMBER:
		return cJSON_IsNumber(value) && value->valuedouble == word->number;
	case ARGS_BOOLEAN:
		return cJSON_IsBool(value) && cJSON_IsTrue(value) == word->boolean;
	default:
		return cJSON_IsNull(value);
	}
}

static void print_word(const struct args_value *word, char *to, size_t to_len)
{
	if (word->type == ARGS_STRING)
		snprintf(to, to_len, "\"%s\"", word->text);
	else if (word->type == ARGS_NUMBER)
		snprintf(to, to_len, "%.15g", word->number);
	else
		snprintf(to, to_len, "%s",
			 word->type == ARGS_NULL ? "null" :
			 word->boolean		 ? "true" :
						   "false");
}

/* As many as a sentence holds. */
static int check_words(const struct checked *c)
{
	const struct args_rule *rule = c->rule;
	char known[WORDS_LEN] = "", word[WORDS_LEN];
	size_t len = 0;

	for (size_t i = 0; i < rule->words_len; i++)
		if (is_word(&rule->words[i], c->value))
			return 0;
	for (size_t i = 0; i < rule->words_len && len < sizeof(known); i++) {
		print_word(&rule->words[i], word, sizeof(word));
		if (len + 2 + strlen(word) + sizeof(", ...") > sizeof(known)) {
			snprintf(known + len, sizeof(known) - len, "%s...", len ? ", " : "");
			break;
		}
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "",
					word);
	}
	return refuse(c, "must be one of %s", known);
}

static int check_range(const struct checked *c, const struct args_range *range, double number,
		       const char *what)
{
	if (range->has_min && !(number >= range->min))
		return refuse(c, "must %s at least %.15g", what, range->min);
	if (range->has_max && !(number <= range->max))
		return refuse(c, "must %s at most %.15g", what, range->max);
	return 0;
}

/* Exactly, or not at all: another reader may not round as we do. */
static int check_number(const struct checked *c)
{
	double number = c->value->valuedouble;

	if (!c->rule->number.has_min && !c->rule->number.has_max)
		return isfinite(number) ? 0 : refuse(c, "is too large for a number");
	if (!isfinite(number) || fabs(number) > ARGS_INTEGER_MAX)
		return refuse(c, "is too large to be compared");
	return check_range(c, &c->rule->number, number, "be");
}

/* What is not UTF-8 has no length: readers replace it, cut it or take it as it
 * comes. */
static int check_length(const struct checked *c)
{
	size_t len = 0;

	for (const char *at = c->value->valuestring; *at; len++)
		if (!utf8_next(&at))
			return refuse(c, "is not valid UTF-8");
	return check_range(c, &c->rule->length, (double)len, "have a length of");
}

static int check_pattern(const struct checked *c)
{
	const char *text = c->value->valuestring;
	int r = c->rule->pattern ? regex_match(c->rule->pattern, c->run, text, strlen(text)) : 1;

	if (r == -E2BIG)
		return refuse(c, "takes too long to compare with its pattern");
	if (r == -EINVAL)
		return refuse(c, "is not valid UTF-8");
	return r ? r < 0 ? r : 0 :
		   refuse(c, "does not match its pattern %s", c->rule->pattern_text);
}

static int check_string(const struct checked *c)
{
	const char *problem;
	int r;

	if ((r = check_length(c)) < 0 || (r = check_pattern(c)) < 0)
		return r;
	problem = c->rule->url ? args_url_problem(c->rule->url, c->run, c->value->valuestring) :
				 NULL;
	return problem ? refuse(c, "%s", problem) : 0;
}

static int check_value(const struct checked *c);

static int check_array(const struct checked *c)
{
	struct checked item = *c;
	size_t i = 0;
	int r = check_range(c, &c->rule->items_len, cJSON_GetArraySize(c->value),
			    "have a number of items of");

	if (r < 0 || !c->rule->items)
		return r;
	item.rule = c->rule->items;
	cJSON_ArrayForEach (item.value, c->value) {
		snprintf(item.path, sizeof(item.path), "%.140s[%zu]", c->path, i++);
		if ((r = check_value(&item)) < 0)
			return r;
	}
	return 0;
}

/* A name may come from the agent, and goes to whoever reads the reason. */
static bool is_plain(const char *name)
{
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~' || c - name >= 50)
			return false;
	return *name;
}

/* Also of the arguments themselves, whose path is empty. */
static void name_property(const struct checked *of, const char *name, struct checked *property)
{
	snprintf(property->path, sizeof(property->path), "%.100s%s%s", of->path,
		 of->path[0] ? "." : "", is_plain(name) ? name : "?");
}

/* Which of two values a tool will read is not known here, so that a name with
 * a rule may be there once, spelt as the rule is. */
static int check_member(const struct checked *c, const cJSON *value, bool *seen)
{
	const struct args_rule *all = c->rule->properties;
	const struct args_rule *rule = args_find(all, c->rule->properties_len, value->string);
	struct checked property = *c;

	if (!rule && !c->rule->denies_extra)
		return 0;
	name_property(c, value->string, &property);
	if (!rule)
		return refuse(&property, "is not known to the policy");
	property.rule = rule;
	property.value = value;
	if (strcmp(rule->name, value->string))
		return refuse(&property, "is another spelling of %s", rule->name);
	if (seen[rule - all])
		return refuse(&property, "is there twice");
	seen[rule - all] = true;
	return check_value(&property);
}

static int check_object(const struct checked *c)
{
	bool seen[ARGS_NAMES_MAX] = { false };
	const cJSON *value;
	int r;

	cJSON_ArrayForEach (value, c->value) {
		if ((r = check_member(c, value, seen)) < 0)
			return r;
	}
	for (size_t i = 0; i < c->rule->properties_len; i++) {
		struct checked property = *c;

		property.rule = &c->rule->properties[i];
		name_property(c, property.rule->name, &property);
		if (!seen[i] && !property.rule->optional)
			return refuse(&property, "is missing");
	}
	return 0;
}

static int check_value(const struct checked *c)
{
	int r = c->rule->types ? check_type(c) : 0;

	if (r == 0 && c->rule->has_words)
		r = check_words(c);
	if (r < 0)
		return r;
	if (cJSON_IsString(c->value))
		return check_string(c);
	if (cJSON_IsNumber(c->value))
		return check_number(c);
	if (cJSON_IsArray(c->value))
		return check_array(c);
	return cJSON_IsObject(c->value) ? check_object(c) : 0;
}

int args_check(const struct args_rule *root, const struct cJSON *args, char ret_why[ARGS_WHY_MAX],
	       const struct args_rule **ret_rule)
{
	const cJSON none = { .type = cJSON_Object };
	struct regex_run run = { 0 };
	struct checked c = {
		.rule = root,
		.run = &run,
		.value = args ? args : &none,
		.why = ret_why,
		.ret_rule = ret_rule,
	};

	int r = check_object(&c);

	regex_run_done(&run);
	return r;
}
