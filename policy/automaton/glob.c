// SPDX-License-Identifier: Apache-2.0
/* glob.c - the text of a pattern: braces, components, literal parts. */
#include "glob.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SPECIAL "\\*?[]{},"
#define PROC_THREAD "/proc/thread-self"
#define PROC_TASK "/proc/self/task/*"

/* Length of the set that starts at text ("[…]"), 0 = it does not end. */
static size_t bracket_len(const char *text)
{
	size_t i = 1;

	if (text[i] == '!' || text[i] == '^')
		i++;
	if (text[i] == ']')
		i++;
	for (; text[i] && text[i] != ']'; i++)
		if (text[i] == '\\' && text[i + 1])
			i++;
	return text[i] ? i + 1 : 0;
}

/* Length of one unit of pattern text: a byte, an escape or a set. */
static size_t unit_len(const char *text, const char **ret_problem)
{
	size_t len = 1;

	if (*text == '\\') {
		if (!text[1])
			*ret_problem = "ends with a backslash";
		else
			len = 2;
	} else if (*text == '[') {
		len = bracket_len(text);
		if (!len)
			*ret_problem = "has a [ without its ]";
	}
	return *ret_problem ? 0 : len;
}

struct braces {
	glob_each *each;
	void *ctx;
	const char **problem;
	size_t count;
};

/* Finds the first brace group: its inside is text[*ret_open + 1 .. *ret_close - 1]. */
static int find_group(const char *text, size_t *ret_open, size_t *ret_close,
		      const char **ret_problem)
{
	size_t depth = 0, i, len;

	for (i = 0; text[i]; i += len) {
		len = unit_len(text + i, ret_problem);
		if (!len)
			return -EINVAL;
		if (text[i] == '{' && !depth++)
			*ret_open = i;
		if (text[i] != '}')
			continue;
		if (!depth) {
			*ret_problem = "has a } without its {";
			return -EINVAL;
		}
		if (!--depth) {
			*ret_close = i;
			return 1;
		}
	}
	if (depth)
		*ret_problem = "has a { without its }";
	return depth ? -EINVAL : 0;
}

static int expand(struct braces *b, const char *text);

static int expand_one(struct braces *b, const char *text, size_t open, size_t close,
		      const char *part, size_t part_len)
{
	char joined[GLOB_TEXT_MAX];
	int len;

	len = snprintf(joined, sizeof(joined), "%.*s%.*s%s", (int)open, text, (int)part_len, part,
		       text + close + 1);
	if (len < 0 || (size_t)len >= sizeof(joined)) {
		*b->problem = "is too long";
		return -E2BIG;
	}
	return expand(b, joined);
}

static int expand(struct braces *b, const char *text)
{
	size_t open = 0, close = 0, depth = 0, from, i, len;
	int r = find_group(text, &open, &close, b->problem);

	if (r < 0)
		return r;
	if (r == 0) {
		if (++b->count <= GLOB_ALTERNATIVES_MAX)
			return b->each(b->ctx, text);
		*b->problem = "has too many alternatives in braces";
		return -E2BIG;
	}
	for (i = from = open + 1; i <= close; i += len) {
		len = unit_len(text + i, b->problem);
		if (text[i] == '{')
			depth++;
		if (i < close && text[i] == '}')
			depth--;
		if (i < close && (depth || text[i] != ','))
			continue;
		if ((r = expand_one(b, text, open, close, text + from, i - from)) < 0)
			return r;
		from = i + 1;
	}
	return 0;
}

/* Every group adds a level and every level a buffer. */
#define GROUPS_MAX 32

int glob_braces(const char *pattern, glob_each *each, void *ctx, const char **ret_problem)
{
	struct braces b = { .each = each, .ctx = ctx, .problem = ret_problem };
	size_t groups = 0;

	*ret_problem = NULL;
	for (const char *at = strchr(pattern, '{'); at; at = strchr(at + 1, '{'))
		groups++;
	if (groups > GROUPS_MAX) {
		*ret_problem = "has too many braces";
		return -E2BIG;
	}
	if (strlen(pattern) >= GLOB_TEXT_MAX) {
		*ret_problem = "is too long";
		return -E2BIG;
	}
	return expand(&b, pattern);
}

/* --- components --- */

static size_t component_len(const char *text, const char **ret_problem)
{
	size_t i, len;

	for (i = 0; text[i] && text[i] != '/'; i += len) {
		len = unit_len(text + i, ret_problem);
		if (!len)
			return 0;
		if (len > 1 && memchr(text + i, '/', len)) {
			*ret_problem = "has an escaped slash, or one in […]";
			return 0;
		}
	}
	return i;
}

static bool is_stars(const char *text, size_t len)
{
	return len > 1 && strspn(text, "*") >= len;
}

/* "." and "..", also when written with backslashes */
static size_t dots(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len)
			i++;
		if (text[i] != '.')
			return 0;
		count++;
	}
	return count <= 2 ? count : 0;
}

static bool append(char *to, size_t *len, const char *text, size_t text_len)
{
	if (*len + text_len + 2 > GLOB_TEXT_MAX)
		return false;
	to[(*len)++] = '/';
	memcpy(to + *len, text, text_len);
	*len += text_len;
	to[*len] = '\0';
	return true;
}

static int add_components(const char *text, char *to, size_t *len, const char **ret_problem)
{
	size_t part;

	for (; *text; text += part) {
		if (*text == '/') {
			part = 1;
			continue;
		}
		part = component_len(text, ret_problem);
		if (!part)
			return -EINVAL;
		if (dots(text, part) == 2) {
			*ret_problem = "contains \"..\"";
			return -EINVAL;
		}
		if (dots(text, part) == 1)
			continue;
		if (is_stars(text, part)) {
			if (!glob_has_tail(to) && !append(to, len, "**", 2))
				return -E2BIG;
			continue;
		}
		if (!append(to, len, text, part))
			return -E2BIG;
	}
	return 0;
}

static int add_place(const char *place, const char *missing, char *to, size_t *len,
		     const char **ret_problem)
{
	char escaped[GLOB_TEXT_MAX];

	if (!place || place[0] != '/') {
		*ret_problem = missing;
		return -EINVAL;
	}
	if (!glob_escape(place, escaped, sizeof(escaped)))
		return -E2BIG;
	return add_components(escaped, to, len, ret_problem);
}

/* Where nobody chose a directory it is the root, and all would be granted. */
static int add_cwd(const char *cwd, char *to, size_t *len, const char **ret_problem)
{
	if (cwd && !strcmp(cwd, "/")) {
		*ret_problem = "starts with ./, but the agent's working directory is /";
		return -EINVAL;
	}
	return add_place(cwd, "starts with ./, but the agent's working directory is not known", to,
			 len, ret_problem);
}

bool glob_starts_at(const char *pattern, char place)
{
	return pattern[0] == place && (!pattern[1] || pattern[1] == '/');
}

int glob_canonical(const char *alternative, const struct glob_places *places, char *to,
		   const char **ret_problem)
{
	size_t len = 0, stars = strspn(alternative, "*");
	bool floating = stars > 1 && (!alternative[stars] || alternative[stars] == '/');
	int r = 0;

	*ret_problem = NULL;
	to[0] = '\0';
	if (glob_starts_at(alternative, '~'))
		r = add_place(places->home, "starts with ~, but the agent has no home directory",
			      to, &len, ret_problem),
		alternative++;
	else if (glob_starts_at(alternative, '.'))
		r = add_cwd(places->cwd, to, &len, ret_problem), alternative++;
	else if (alternative[0] != '/' && !floating) {
		*ret_problem = "must start with /, **/, ~/ or ./";
		r = -EINVAL;
	}
	if (r == 0)
		r = add_components(alternative, to, &len, ret_problem);
	if (r == -E2BIG && !*ret_problem)
		*ret_problem = "is too long";
	if (r < 0)
		return r;
	if (!len)
		strcpy(to, "/");
	len = strlen(PROC_THREAD);
	if (!strncmp(to, PROC_THREAD, len) && (!to[len] || to[len] == '/')) {
		/* PROC_TASK is as long */
		_Static_assert(sizeof(PROC_TASK) == sizeof(PROC_THREAD), "in place");
		memcpy(to, PROC_TASK, len);
	}
	return 0;
}

bool glob_has_tail(const char *canonical)
{
	size_t len = strlen(canonical);

	return len >= 3 && !strcmp(canonical + len - 3, "/**");
}

bool glob_is_floating(const char *canonical)
{
	return !strncmp(canonical, "/**", 3) && (!canonical[3] || canonical[3] == '/');
}

static bool is_literal(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			i++;
		else if (strchr("*?[", text[i]))
			return false;
	}
	return true;
}

const char *glob_literal(const char *canonical, char *to)
{
	const char *unused = NULL;
	size_t len = 0, part;

	while (*canonical == '/' && canonical[1]) {
		part = 1 + component_len(canonical + 1, &unused);
		if (!is_literal(canonical, part))
			break;
		for (size_t i = 0; i < part; i++) {
			if (canonical[i] == '\\')
				i++;
			to[len++] = canonical[i];
		}
		canonical += part;
	}
	to[len] = '\0';
	return canonical;
}

bool glob_escape(const char *text, char *to, size_t to_len)
{
	size_t len = 0;

	for (; *text; text++) {
		if (len + 3 > to_len)
			return false;
		if (strchr(SPECIAL, *text))
			to[len++] = '\\';
		to[len++] = *text;
	}
	if (len >= to_len)
		return false;
	to[len] = '\0';
	return true;
}
