/* SPDX-License-Identifier: Apache-2.0 */
/* layers.h - the five layers, a file each. Each adds its findings to a list. */
#ifndef EC_LAYERS_H
#define EC_LAYERS_H

#include "user/host/host.h"

struct cJSON;
struct policy;

void hardware_examine(const struct host *host, struct cJSON *layer);
void kernel_examine(const struct host *host, struct cJSON *layer);
void sysctl_examine(const struct host *host, struct cJSON *layer); /* a part of the kernel's */
void container_examine(const struct host *host, struct cJSON *layer);
/* status as user/status makes it, NULL: it could not be read. */
void runtime_examine(const struct host *host, const struct cJSON *status, struct cJSON *layer);
void prompt_examine(const struct policy *policy, struct cJSON *layer); /* NULL: none was given */
/* A part of that: each server that the policy asks, and whether it is there. */
void guards_examine(const struct policy *policy, struct cJSON *layer);

#endif
