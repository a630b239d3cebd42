// SPDX-License-Identifier: Apache-2.0
/* content.c - patterns in texts. */
#include <errno.h>
#include <string.h>

#include "judge.h"
#include "policy/args/regex.h"
#include "policy/grow.h"
#include "policy/pii/view.h"

#define VIOLATION "content_violation"

struct content {
	struct judge *j;
	struct regex_run run;
	bool seen[DECLARE_PATTERNS_MAX]; /* that ask or log: once is enough */
};

/* PCRE2 takes UTF-8 only. What is none is seen as question marks, so that a bad
 * byte hides nothing. NULL: the text is UTF-8 as it is, or (-ENOMEM). */
static int clean(const char *text, size_t len, char **ret_copy)
{
	const unsigned char *at = (const unsigned char *)text;
	char *copy = NULL;
	size_t n;

	*ret_copy = NULL;
	for (size_t i = 0; i < len; i += n) {
		n = 1;
		if (at[i] < 0x80 || view_decode(at + i, len - i, &n))
			continue;
		n = 1;
		if (!copy) {
			copy = malloc(len);
			if (!copy)
				return -ENOMEM;
			memcpy(copy, text, len);
		}
		copy[i] = '?';
	}
	*ret_copy = copy;
	return 0;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int hex_of(char c)
{
	c = (char)(c >= 'A' && c <= 'F' ? c | 32 : c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text as a shell or a string literal joins it: c""at, c\at, c'a't, \x2e,
 * 'sys'+'tem', $@ in a word. Returns its length; to has room for len bytes. */
static size_t join(const char *text, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i], next = i + 1 < len ? text[i + 1] : 0;

		if (c == '\\' && next == 'x' && i + 3 < len && hex_of(text[i + 2]) >= 0 &&
		    hex_of(text[i + 2]) < 8 && hex_of(text[i + 3]) >= 0) {
			to[n++] = (char)(hex_of(text[i + 2]) << 4 | hex_of(text[i + 3]));
			i += 3;
		} else if (c == '\'' || c == '"' ||
			   (c == '\\' && (is_word(next) || next == '\n'))) {
			i += c == '\\' && next == '\n';
		} else if (c == '$' && (next == '@' || next == '*')) {
			i++;
		} else if (c == '+' && n && i && (text[i - 1] == '\'' || text[i - 1] == '"') &&
			   (next == '\'' || next == '"')) {
			continue;
		} else {
			to[n++] = c;
		}
	}
	return n;
}

static int found(struct content *c, size_t index, const struct text *text)
{
	const struct declare_pattern *p = &c->j->rules->patterns[index];
	char what[JUDGE_WHAT];

	c->seen[index] = true;
	judge_what(c->j, text, what);
	if (p->action == DECLARE_LOGS)
		return judge_log(c->j, VIOLATION, p->rule, "%s matches the content rule %s", what,
				 p->name);
	if (p->action == DECLARE_ASKS && !c->j->is_result)
		return judge_ask(c->j, VIOLATION, p->rule,
				 "%s matches the content rule %s, which asks for approval", what,
				 p->name);
	return judge_refuse(c->j, VIOLATION, p->rule, "%s matches the content rule %s", what,
			    p->name);
}

static int search(struct content *c, const struct text *text, const char *at, size_t len,
		  bool joined)
{
	const struct declare_rules *rules = c->j->rules;
	char what[JUDGE_WHAT];
	int r = 0;

	for (size_t i = 0; r == 0 && i < rules->patterns_len; i++) {
		if (c->seen[i] || (joined && !rules->patterns[i].shell))
			continue;
		r = regex_search(rules->patterns[i].regex, &c->run, at, len);
		if (r == 1)
			r = found(c, i, text);
		else if (r == -E2BIG)
			r = judge_refuse(c->j, VIOLATION, rules->patterns[i].rule,
					 "%s takes too long to compare with the content rule %s",
					 judge_what(c->j, text, what), rules->patterns[i].name);
	}
	return r;
}

static int check_joined(struct content *c, const struct text *text, const char *at, size_t len)
{
	_cleanup_memory_ char *joined = NULL;
	size_t joined_len;

	if (!memchr(at, '\\', len) && !memchr(at, '\'', len) && !memchr(at, '"', len) &&
	    !memchr(at, '$', len))
		return 0;
	joined = malloc(len);
	if (!joined)
		return -ENOMEM;
	joined_len = join(at, len, joined);
	return joined_len == len ? 0 : search(c, text, joined, joined_len, true);
}

static int check_text(void *ctx, const struct text *text)
{
	struct content *c = ctx;
	_cleanup_memory_ char *copy = NULL;
	const char *at;
	int r;

	if (text->is_number || !text->len)
		return 0;
	if ((r = clean(text->at, text->len, &copy)) < 0)
		return r;
	at = copy ? copy : text->at;
	if ((r = search(c, text, at, text->len, false)) != 0)
		return r;
	return check_joined(c, text, at, text->len);
}

int content_check(struct judge *j)
{
	struct content c = { .j = j };
	int r = 0;

	if (j->rules->patterns_len)
		r = texts_walk(j->value, check_text, &c);
	regex_run_done(&c.run);
	return r;
}
