/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.h - the five layers of defence on this host: hardware, kernel, container, runtime,
 * prompt. What was found in each, and what to do. */
#ifndef EC_DOCTOR_H
#define EC_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "user/host/host.h"

struct cJSON;
struct policy;

enum doctor_verdict {
	DOCTOR_FINE = 0,	   /* every finding is ok */
	DOCTOR_WEAK = 1,	   /* some finding is not */
	DOCTOR_CANNOT_ENFORCE = 2, /* whatever else was found */
};

/* status: user/status, NULL: it could not be read. policy NULL: none was given. The report
 * is the caller's, cJSON_Delete; NULL: no memory. */
struct cJSON *doctor_examine(const struct host *host, const struct cJSON *status,
			     const struct policy *policy);
enum doctor_verdict doctor_verdict(const struct cJSON *report);

/* For people; marks are words, colour only adds to them. Nothing in it steers a terminal. */
void doctor_print(const struct cJSON *report, bool colour, FILE *to);

#endif
