/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h - the figures of this host, of all its agents together, as Prometheus
 * reads them. */
#ifndef EC_METRICS_H
#define EC_METRICS_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct exposition;
struct meters;
struct meters_kernel;

/* The whole text; free() it. -EPERM: no root. */
int metrics_read(bool open_metrics, char **ret_text, size_t *ret_len);

/* Its parts: from what controllers and the kernel counted (meters may be NULL), and
 * from what `status` says of each agent. */
void metrics_print_meters(const struct exposition *e, const struct meters *meters,
			  const struct meters_kernel *kernel);
void metrics_print_status(const struct exposition *e, const struct cJSON *status);

#endif
