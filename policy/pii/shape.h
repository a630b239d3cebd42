/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape.h - what a value looks like from its first byte on, as regular
 * expressions (PCRE2 with its JIT compiler, bytes). They are anchored, and what
 * repeats is possessive, bounded, or ends at a byte at which it cannot begin
 * again: no text makes them quadratic.
 */
#ifndef EC_PII_SHAPE_H
#define EC_PII_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Steps of one match (pcre2api(3)); a hundred times what any of them takes. */
#define SHAPE_MATCH_LIMIT 100000u

enum shape {
	SHAPE_EMAIL,
	SHAPE_PHONE,
	SHAPE_SSN,
	SHAPE_IPV4,
	SHAPE_AWS,
	SHAPE_GITHUB,
	SHAPE_PREFIXED,
	SHAPE_BEARER,
	SHAPE_JWT,
	SHAPE_PEM,
	SHAPE_USERINFO,
	SHAPE_DATABASE,
	SHAPES,
};

struct shape_set {
	pcre2_code *code[SHAPES];
	pcre2_match_context *context;
	bool is_compiled; /* to machine code; else they are interpreted */
};

/* Free with shape_set_done, also after an error. */
int shape_set_init(struct shape_set *set);
void shape_set_done(struct shape_set *set);

/* 1: text begins with it, *ret_len bytes; 0: it does not; -E2BIG: a limit. */
int shape_match(const struct shape_set *set, enum shape shape, pcre2_match_data *data,
		const char *text, size_t len, size_t *ret_len);

#endif
