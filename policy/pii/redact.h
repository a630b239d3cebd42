/* SPDX-License-Identifier: Apache-2.0 */
/* redact.h - what stands in the place of a match. */
#ifndef EC_PII_REDACT_H
#define EC_PII_REDACT_H

#include "pii.h"

/* [SHA256: 16 digits ] and the NUL byte; longer than every placeholder and mask. */
#define REDACT_MAX 48u

size_t redact_replacement(enum pii_strategy strategy, enum pii_category category, const char *text,
			  size_t len, char ret_text[REDACT_MAX]);

#endif
