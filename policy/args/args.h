/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h - what the arguments of a declared call may be, whatever they grant.
 * The words are those of JSON Schema where it has one (draft 2020-12), but
 * `pattern` is about the whole text and an argument with a rule is required.
 */
#ifndef EC_ARGS_H
#define EC_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regex.h"

struct cJSON;

/* Rules within rules: items of items, properties of properties. */
#define ARGS_DEPTH_MAX 8u
/* Rules of one policy, and values of one enum. */
#define ARGS_RULES_MAX 10000u
#define ARGS_ENUM_MAX 1000u
/* Names of one mapping: which were there is kept on the stack, level by level. */
#define ARGS_NAMES_MAX 256u
/* The largest integer that every reader of JSON reads as itself (RFC 8259, 6). */
#define ARGS_INTEGER_MAX 9007199254740991.0

enum args_type {
	ARGS_STRING = 1,
	ARGS_INTEGER = 2,
	ARGS_NUMBER = 4, /* integers are numbers */
	ARGS_BOOLEAN = 8,
	ARGS_ARRAY = 16,
	ARGS_OBJECT = 32,
	ARGS_NULL = 64,
};

/* A least and a most, each of which may be missing. */
struct args_range {
	bool has_min, has_max;
	double min, max;
};

struct args_value {
	enum args_type type; /* ARGS_NUMBER for all numbers */
	const char *text;    /* ARGS_STRING */
	double number;
	bool boolean;
};

struct args_ports {
	uint16_t first, last;
};

/* Parts of a URL. A list of length 0 permits any, unless has_ says there is one. */
struct args_url {
	const char *const *schemes;
	size_t schemes_len;
	const char *const *hosts; /* "a.b", "*.b" (below b), addresses */
	size_t hosts_len;
	const struct args_ports *ports;
	size_t ports_len;
	const struct regex *const *paths;
	size_t paths_len;
	bool has_schemes, has_hosts, has_ports, has_paths;
	bool permits_userinfo, denies_query, denies_fragment;
};

struct args_rule {
	const char *name; /* of an argument or property; NULL: of items */
	const char *file; /* where the rule is */
	unsigned int line, column;
	uint32_t types; /* enum args_type; 0 = any */
	bool optional;
	const struct args_value *words; /* enum */
	size_t words_len;
	bool has_words;
	const struct regex *pattern;
	const char *pattern_text; /* its beginning */
	const struct args_url *url;
	struct args_range number; /* min, max */
	struct args_range length; /* min_length, max_length, in characters */
	struct args_range items_len;
	const struct args_rule *items;
	const struct args_rule *properties; /* args_sort */
	size_t properties_len;
	bool denies_extra; /* properties that have no rule */
};

/* Some readers take names that differ only in case for one: in the case of ASCII
 * letters, and of the two letters elsewhere whose other case is ASCII. Rules are
 * in this order; args_sort returns the second of two that are the same in it. */
int args_name_order(const char *a, const char *b);
const struct args_rule *args_sort(struct args_rule *rules, size_t len);
const struct args_rule *args_find(const struct args_rule *rules, size_t len, const char *name);

/* 0, or -EACCES: ret_why says in words for the agent which argument is not
 * what it must be, never what it is; *ret_rule is the rule. args may be NULL.
 * root is a rule for an object. */
#define ARGS_WHY_MAX 400u
int args_check(const struct args_rule *root, const struct cJSON *args, char ret_why[ARGS_WHY_MAX],
	       const struct args_rule **ret_rule);

/* url_rule.c: NULL, or what the URL is not. */
const char *args_url_problem(const struct args_url *rule, struct regex_run *run, const char *text);

#endif
