/* SPDX-License-Identifier: Apache-2.0 */
/* message.h - what a JSON-RPC message is, from what the scanner saw of it. */
#ifndef EC_MESSAGE_H
#define EC_MESSAGE_H

#include "user/json/json_scan.h"

enum message_key {
	MESSAGE_ID,
	MESSAGE_METHOD,
	MESSAGE_PARAMS,
	MESSAGE_RESULT,
	MESSAGE_ERROR,
	MESSAGE_NAME, /* of params, as all that follow but the last */
	MESSAGE_ARGUMENTS,
	MESSAGE_META,
	MESSAGE_REQUEST_ID,
	MESSAGE_IS_ERROR, /* of result */
	MESSAGE_KEYS,
};

void message_scan_init(struct json_scan *scan);

/* An id as its owner wrote it, and in the form in which two ids are the same
 * JSON value: 1 and 1.0 are, 1 and "1" are not. */
struct message_id {
	size_t raw_len, key_len;
	char raw[JSON_SCAN_VALUE_MAX + 1];
	char key[JSON_SCAN_VALUE_MAX + 8];
};
/* -ENOENT: none (yet). -EINVAL: not a string or a number. -E2BIG: too long. */
int message_id(const struct json_scan *scan, enum message_key key, struct message_id *ret_id);

/* The same of the text of a value. */
int message_id_of(const char *raw, size_t raw_len, struct message_id *ret_id);

enum message_method {
	METHOD_NONE, /* there is no such key (yet) */
	METHOD_OTHER,
	METHOD_TOOLS_CALL,
	METHOD_TOOLS_LIST,
	METHOD_CANCELLED,
	METHOD_INITIALIZE,
	METHOD_ACKNOWLEDGED, /* notifications/subscriptions/acknowledged */
};
enum message_method message_method(const struct json_scan *scan);
bool message_is_response(const struct json_scan *scan);
/* The answer says that the call failed. */
bool message_failed(const struct json_scan *scan);

/* The name of a key of which two readers could disagree: it is there twice, or
 * in another case, which some JSON libraries take for the same. NULL: none. */
const char *message_ambiguity(const struct json_scan *scan);

#endif
