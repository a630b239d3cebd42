/* SPDX-License-Identifier: Apache-2.0 */
/* moment.h - a moment as people write it. */
#ifndef EC_MOMENT_H
#define EC_MOMENT_H

#include <stdint.h>

/* RFC 3339 with its offset, such as "2026-03-02T09:30:00+01:00", in seconds
 * since the epoch, above 0. A fraction is cut off; a leap second is the moment
 * after it. -EINVAL: text is none. */
int moment_parse(const char *text, int64_t *ret_seconds);

#endif
