/* SPDX-License-Identifier: Apache-2.0 */
/* guards_request.h - what a guard is asked. */
#ifndef EC_GUARDS_REQUEST_H
#define EC_GUARDS_REQUEST_H

#include <stddef.h>

#include "policy/policy.h"

/* Of one call: what models read in one go is about this long, and nobody is asked about
 * half of a call. */
#define GUARDS_ASKED_MAX (128u << 10)

/* The tool and its arguments as a text. args: JSON, NULL: none. NULL: no memory. free() it. */
char *guards_request_text(const char *tool, const char *args);
/* That text as the body of a request to this guard. NULL: no memory. free() it. */
char *guards_request_body(const struct policy_guard *guard, const char *text);

#endif
