/* SPDX-License-Identifier: Apache-2.0 */
/* host_enforce.h - can the sensor's LSM programs be loaded here, and will the kernel ask them? */
#ifndef EC_HOST_ENFORCE_H
#define EC_HOST_ENFORCE_H

#include "host.h"

/* The active LSMs as the kernel lists them, in the order in which they are
 * asked: securityfs, or where it is not mounted the system call. false: it
 * does not say. */
bool host_lsms(const struct host *host, char *ret_text, size_t size);

enum host_lockdown {
	HOST_LOCKDOWN_UNKNOWN = 0,
	HOST_LOCKDOWN_NONE,
	HOST_LOCKDOWN_INTEGRITY,
	HOST_LOCKDOWN_CONFIDENTIALITY,
};
/* Of securityfs, kernel_lockdown(7). */
enum host_lockdown host_lockdown(const struct host *host);

/* In the first user namespace, where the kernel takes capabilities for its own? */
bool host_first_userns(const struct host *host);
/* CapEff of /proc/self/status has this one (capabilities(7)). */
bool host_capable(const struct host *host, unsigned int capability);

/* Inside gVisor, by what it says of itself? */
bool host_is_gvisor(const struct host *host);
#define HOST_GVISOR                                                                                \
	"this is gVisor, whose own kernel has no BPF: nothing that an agent does can be seen or "  \
	"refused from inside (run EnforceCore on the host)"

/* One sentence why this host cannot enforce, NULL when it can, as far as can
 * be told without loading the sensor. */
const char *host_obstacle(const struct host *host);

#endif
