/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* emit.bpf.h - one record to the agent's rings. A full ring loses the record,
 * never the verdict, and the loss is counted. */
#ifndef EC_EMIT_BPF_H
#define EC_EMIT_BPF_H

#include "maps.bpf.h"

#define EC_EMIT(kind, op, verdict, target)                                                         \
	((__u32)(kind) | (__u32)(op) << 8 | (__u32)(verdict) << 16 | (__u32)(target) << 24)

/* Sends what is in the scratch: reason, rule, call and path_len bytes of path. */
int ec_emit(struct ec_scratch *scratch, __u32 who, __u32 what, __u32 priv);

#endif
