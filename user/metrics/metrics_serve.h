/* SPDX-License-Identifier: Apache-2.0 */
/* metrics_serve.h - the figures over HTTP: GET /metrics, as text 0.0.4 or, for who
 * asks for it, OpenMetrics 1.0. */
#ifndef EC_METRICS_SERVE_H
#define EC_METRICS_SERVE_H

#include <stdbool.h>
#include <sys/types.h>

struct http_listener;

/* Serves until SIGTERM or SIGINT. 0, or negative errno. */
int metrics_serve(const struct http_listener *listener);
/* The same in a process of its own, which ends with ours: nothing that a client does
 * is felt by a controller. */
int metrics_spawn(const struct http_listener *listener, pid_t *ret_pid);

#endif
