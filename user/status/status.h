/* SPDX-License-Identifier: Apache-2.0 */
/* status.h - what is loaded, who is confined, and whether it holds: from the
 * kernel's maps, where it is the truth, and from what sessions left beside them. */
#ifndef EC_STATUS_H
#define EC_STATUS_H

#include <stdbool.h>
#include <stdio.h>

struct cJSON;

/* The caller's, cJSON_Delete. -EPERM: no root. *ret_well: nothing is wrong. */
int status_read(struct cJSON **ret_status, bool *ret_well);
/* For people. Names in it come from agents: nothing in them steers a terminal. */
void status_print(const struct cJSON *status, FILE *to);

#endif
