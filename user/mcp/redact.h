/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redact.h - which parts of an MCP message are text that is redacted. Messages
 * are one valid JSON value, at most JSON_SCAN_DEPTH_MAX deep; what comes back
 * is json_redact's.
 */
#ifndef EC_REDACT_MESSAGE_H
#define EC_REDACT_MESSAGE_H

#include <stddef.h>

struct pii;

/* A tools/call: its params.arguments, and nothing else. */
int redact_call(const struct pii *pii, const char *text, size_t len, char **ret_text,
		size_t *ret_len, size_t *ret_count);
/*
 * Anything that a server says: results, errors, notifications, its own
 * requests. What the protocol itself needs stays (ids, cursors, tokens, its own
 * names in _meta), and so does base64 where images, sounds and blobs are.
 */
int redact_said(const struct pii *pii, const char *text, size_t len, char **ret_text,
		size_t *ret_len, size_t *ret_count);

#endif
