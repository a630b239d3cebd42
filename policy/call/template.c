// SPDX-License-Identifier: Apache-2.0
#include "template.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/automaton/glob.h"

#define OPEN "${"
#define PREFIX "${args."

bool template_is_one(const char *pattern)
{
	return strstr(pattern, OPEN) != NULL;
}

static int add_part(struct template *t, const char *text, size_t len, bool is_argument)
{
	if (!len && !is_argument)
		return 0;
	if (t->len >= TEMPLATE_PARTS_MAX)
		return -E2BIG;
	if (is_argument)
		t->last = t->len;
	t->parts[t->len].text = text;
	t->parts[t->len].len = len;
	t->parts[t->len++].is_argument = is_argument;
	return 0;
}

static bool is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_-.$",
			    name[i]))
			return false;
	return len && name[0] != '.' && name[len - 1] != '.';
}

/* The "/.." at the start of what follows the last argument. */
static size_t ups_len(const char *text)
{
	size_t len = 0;

	while (!strncmp(text + len, "/..", 3) && (!text[len + 3] || text[len + 3] == '/'))
		len += 3;
	return len;
}

static int add_ups(struct template *t, const char *text, size_t len)
{
	int r = t->len && len ? add_part(t, text, len, false) : 0;

	if (r == 0 && t->len && len) {
		t->last = t->len - 1;
		t->parts[t->last].is_up = true;
	}
	return r;
}

int template_parse(const char *pattern, struct template *ret_template, const char **ret_problem)
{
	const char *open, *close;
	size_t ups;
	int r = 0;

	memset(ret_template, 0, sizeof(*ret_template));
	for (; r == 0 && (open = strstr(pattern, OPEN)); pattern = close + 1) {
		close = strchr(open, '}');
		if (strncmp(open, PREFIX, strlen(PREFIX)) || !close ||
		    !is_name(open + strlen(PREFIX), (size_t)(close - open) - strlen(PREFIX))) {
			*ret_problem = "has a ${…} that is not ${args.NAME}";
			return -EINVAL;
		}
		r = add_part(ret_template, pattern, (size_t)(open - pattern), false);
		if (r == 0)
			r = add_part(ret_template, open + strlen(PREFIX),
				     (size_t)(close - open) - strlen(PREFIX), true);
	}
	ups = ups_len(pattern);
	if (r == 0 && (r = add_ups(ret_template, pattern, ups)) == 0)
		r = add_part(ret_template, pattern + ups, strlen(pattern + ups), false);
	if (r == -E2BIG)
		*ret_problem = "has too many arguments";
	return r;
}

static int fill(const struct template *t, bool with_ups, const char *value, char *to, size_t to_len,
		const char **ret_problem)
{
	size_t len = 0;

	to[0] = '\0';
	for (size_t i = 0; i < t->len; i++) {
		const struct template_part *part = &t->parts[i];
		const char *text = part->is_argument ? value : part->text;
		size_t text_len = part->is_argument ? strlen(value) : part->len;

		if (part->is_up && !with_ups)
			continue;
		if (len + text_len >= to_len) {
			*ret_problem = "is too long";
			return -E2BIG;
		}
		memcpy(to + len, text, text_len);
		len += text_len;
		to[len] = '\0';
	}
	return 0;
}

int template_fill(const char *pattern, const char *value, char *to, size_t to_len,
		  const char **ret_problem)
{
	struct template t;
	int r = template_parse(pattern, &t, ret_problem);

	return r < 0 ? r : fill(&t, true, value, to, to_len, ret_problem);
}

static bool has_wildcard(const struct template_part *part)
{
	for (size_t i = 0; i < part->len; i++) {
		if (part->text[i] == '\\')
			i++;
		else if (strchr("*?[{}", part->text[i]))
			return true;
	}
	return false;
}

int template_check_path(const char *pattern, const char **ret_problem)
{
	char filled[GLOB_TEXT_MAX];
	struct template t;
	int r = template_parse(pattern, &t, ret_problem);

	if (r < 0)
		return r;
	for (size_t i = 0; i < t.last; i++) {
		if (t.parts[i].is_argument || !has_wildcard(&t.parts[i]))
			continue;
		*ret_problem = "has a wildcard before an argument: the path must be known "
			       "when the call is declared";
		return -EINVAL;
	}
	r = fill(&t, false, t.parts[0].is_argument ? "/x" : "x", filled, sizeof(filled),
		 ret_problem);
	return r < 0 ? r : glob_check(filled, ret_problem);
}

void template_directory(const struct template *t, char *to, size_t to_len)
{
	const struct template_part *part = &t->parts[0];
	size_t len = 0, slash = 0;

	for (size_t i = 0; !part->is_argument && i < part->len && len + 1 < to_len; i++) {
		if (part->text[i] == '\\' && i + 1 < part->len)
			i++;
		if (part->text[i] == '/')
			slash = len;
		to[len++] = part->text[i];
	}
	to[slash] = '\0';
}
