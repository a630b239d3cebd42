/* SPDX-License-Identifier: Apache-2.0 */
/* payload.h - from an agent's bytes to JSON that has only one reading. */
#ifndef EC_HOOK_PAYLOAD_H
#define EC_HOOK_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

/* A JSON object of at most EVENT_BYTES_MAX and EVENT_VALUES_MAX. Half a
 * surrogate pair, which JavaScript cuts texts into, becomes U+FFFD, as it does
 * when JavaScript writes it. *ret_has_nul: a string holds U+0000 and was cut
 * there. -EINVAL: reason says what is wrong and at which byte. */
int payload_parse(char *bytes, size_t bytes_len, struct cJSON **ret_payload, bool *ret_has_nul,
		  char *reason, size_t reason_len);

#endif
