/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h - checks JSON as it arrives and remembers a few values of its
 * outermost object, in constant memory, so that a message of any size can be
 * passed on without being parsed.
 *
 * Strict RFC 8259, except that the encoding of strings is not checked and that
 * NaN and Infinity, which Python writes, are let through and reported.
 */
#ifndef EC_JSON_SCAN_H
#define EC_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_text.h"

#define JSON_SCAN_DEPTH_MAX 512 /* deeper: brackets are counted, not matched */
#define JSON_SCAN_WATCH_MAX 10
#define JSON_SCAN_KEY_MAX 32	/* longer keys are never watched */
#define JSON_SCAN_VALUE_MAX 256 /* longer values are cut, and say so */

enum json_kind {
	JSON_NONE, /* nothing but white space, or not there */
	JSON_INVALID,
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

/* A key of the outermost object (parent -1), or of the object that is the
 * value of an earlier watch (its index). */
struct json_watch {
	const char *key;
	int parent;
};

struct json_seen {
	uint32_t count; /* how often the key occurred, folded or not */
	bool folded;	/* at least once it matched only without regard to case */
	bool cut;	/* raw holds only the beginning */
	uint16_t raw_len;
	enum json_kind kind;	       /* of the last value */
	char raw[JSON_SCAN_VALUE_MAX]; /* its exact text, unless object or array */
};

/* Embedded by its users; read the fields above the line, leave the rest. */
struct json_scan {
	struct json_seen seen[JSON_SCAN_WATCH_MAX];
	uint64_t offset;    /* bytes read; of an invalid text: where it became so */
	uint64_t values;    /* values of any kind, at any depth */
	bool deep;	    /* deeper than JSON_SCAN_DEPTH_MAX */
	bool has_nul;	    /* a string holds U+0000, which C strings cannot */
	bool has_nonfinite; /* NaN or Infinity occurred */
	/* ---- */
	const struct json_watch *watches;
	size_t watches_len;
	int state;
	enum json_number_state number;
	enum json_kind kind;
	bool in_key;
	bool key_long;
	uint8_t hex_left;
	uint16_t hex;
	uint8_t key_len;
	char key[JSON_SCAN_KEY_MAX];
	const char *literal;
	struct json_seen *value; /* whose text is being kept, or NULL */
	int hit;		 /* watch of the key just read, or -1 */
	int parent;		 /* watch whose object is open at depth 2, or -1 */
	uint64_t depth;
	uint64_t stack[JSON_SCAN_DEPTH_MAX / 64]; /* bit set: object */
};

/* watches must outlive scan. */
void json_scan_init(struct json_scan *scan, const struct json_watch *watches, size_t watches_len);
void json_scan_feed(struct json_scan *scan, const char *bytes, size_t bytes_len);
/* No text that continues this one is valid. */
bool json_scan_failed(const struct json_scan *scan);
/* Ends the text and says what it was. */
enum json_kind json_scan_finish(struct json_scan *scan);

#endif
