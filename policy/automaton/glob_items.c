// SPDX-License-Identifier: Apache-2.0
/* glob_items.c - a canonical pattern becomes items of the automaton. */
#include "glob.h"

#include <errno.h>
#include <string.h>

/* One bound of a range; advances *at. */
static unsigned char set_byte(const char **at)
{
	if (**at == '\\')
		(*at)++;
	return (unsigned char)*(*at)++;
}

/* Reads "[…]" that bracket_len has found to be whole. Returns its length, or 0
 * and the problem. */
static size_t read_set(const char *text, struct nfa_set *set, const char **ret_problem)
{
	const char *at = text + 1, *first;
	bool negated = *at == '!' || *at == '^';

	memset(set, 0, sizeof(*set));
	at += negated;
	for (first = at; at == first || *at != ']';) {
		unsigned int low, high;

		if (!strncmp(at, "[:", 2))
			*ret_problem = "has a named class like [:alpha:], which are not known here";
		low = high = set_byte(&at);
		if (at[0] == '-' && at[1] != ']') {
			at++;
			high = set_byte(&at);
		}
		if (low > 127 || high > 127)
			*ret_problem = "has a character outside ASCII in […]";
		else if (low > high)
			*ret_problem = "has an empty range in […]";
		if (*ret_problem)
			return 0;
		for (; low <= high; low++)
			nfa_set_add(set, low);
	}
	for (size_t i = 0; negated && i < 4; i++)
		set->bits[i] = ~set->bits[i];
	set->bits['/' >> 6] &= ~(1ull << ('/' & 63));
	return (size_t)(at + 1 - text);
}

/* A star that is a whole component; the slash before it is at text[-1]. */
static bool is_component(const char *text, size_t at, size_t stars, size_t len)
{
	return (at == 0 || text[at - 1] == '/') && (at + stars == len || text[at + stars] == '/');
}

/* A run of stars at `at`; returns how much of the text it has used. */
static size_t add_stars(struct nfa *nfa, const char *text, size_t at, size_t len)
{
	size_t stars = 0;

	while (at + stars < len && text[at + stars] == '*')
		stars++;
	if (stars == 1) {
		if (is_component(text, at, 1, len))
			nfa_any_byte(nfa, true);
		nfa_item(nfa, NFA_STAR, 0);
		return 1;
	}
	if (is_component(text, at, stars, len) && at + stars < len) {
		nfa_item(nfa, NFA_SKIP, 0);
		nfa_item(nfa, NFA_LOOP, 0);
		return stars + 1; /* with the slash behind it */
	}
	nfa_item(nfa, NFA_ANY, 0);
	return stars;
}

void glob_items(struct nfa *nfa, const char *text, size_t len)
{
	const char *problem = NULL;
	struct nfa_set set;
	size_t i = 0, used;

	while (i < len) {
		switch (text[i]) {
		case '*':
			i += add_stars(nfa, text, i, len);
			continue;
		case '?':
			nfa_any_byte(nfa, true);
			break;
		case '[':
			used = read_set(text + i, &set, &problem);
			if (!used) {
				nfa->error = -EINVAL;
				return;
			}
			nfa_set(nfa, &set);
			i += used;
			continue;
		case '\\':
			i++;
			__attribute__((fallthrough));
		default:
			nfa_item(nfa, NFA_BYTE, (uint8_t)text[i]);
		}
		i++;
	}
}

/* '/' and something: only the root itself ends with a slash. */
static void add_below(struct nfa *nfa, bool root)
{
	if (root)
		nfa_any_byte(nfa, true);
	else
		nfa_item(nfa, NFA_BYTE, '/');
	nfa_item(nfa, NFA_ANY, 0);
}

void glob_add(struct nfa *nfa, const char *canonical, const struct glob_accept *accept)
{
	bool tail = glob_has_tail(canonical);
	size_t len = strlen(canonical) - (tail ? 3 : 0);
	uint64_t here = tail ? accept->self : accept->entry;
	uint64_t below = tail ? accept->entry : accept->below;
	bool root = len == 0 || !strcmp(canonical, "/");

	nfa_begin(nfa, accept->guarded && !glob_is_floating(canonical));
	if (root)
		nfa_item(nfa, NFA_BYTE, '/');
	else
		glob_items(nfa, canonical, len);
	if (!below) {
		nfa_accept(nfa, NFA_ACCEPT, here);
		return;
	}
	if (here)
		nfa_accept(nfa, NFA_ALSO, here);
	add_below(nfa, root);
	nfa_accept(nfa, NFA_ACCEPT, below);
}

static int check_one(void *ctx, const char *text)
{
	const char **problem = ctx;
	static const struct glob_places anywhere = { .home = "/", .cwd = "/x" };
	char canonical[GLOB_TEXT_MAX];
	struct nfa_set set;
	size_t used;
	int r = glob_canonical(text, &anywhere, canonical, problem);

	if (r < 0)
		return r;
	for (const char *at = canonical; *at; at += used) {
		used = *at == '\\' ? 2 : 1;
		if (*at == '[' && !(used = read_set(at, &set, problem)))
			return -EINVAL;
	}
	return 0;
}

int glob_check(const char *pattern, const char **ret_problem)
{
	return glob_braces(pattern, check_one, ret_problem, ret_problem);
}
