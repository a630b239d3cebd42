// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * judge_all.bpf.c - what hooks ask (ask.bpf.h).
 *
 * freplace ec_ask   in every program that has it
 */
#include "ask.bpf.h"
#include "endpoint.bpf.h"
#include "use.bpf.h"
#include "view.bpf.h"

static __always_inline int inet(__u64 high, __u64 low, __u32 who, __u32 more, bool quietly)
{
	struct ec_inet inet = {};
	__u16 port = more >> 16;

	__builtin_memcpy(inet.addr, &high, sizeof(high));
	__builtin_memcpy(inet.addr + 8, &low, sizeof(low));
	__builtin_memcpy(inet.port, &port, sizeof(port));
	if (quietly)
		return ec_inet_quietly(&inet, who, more & 0xffff);
	return !ec_judge_inet(&inet, who, more & 0xffff);
}

SEC("freplace/ec_ask")
int ec_answer(__u64 a, __u64 b, __u32 who, __u32 what, __u32 more)
{
	switch (what) {
	case EC_ASK_PATH:
		return ec_judge_path(a, b, who, more);
	case EC_ASK_PRIV:
		return ec_judge_priv(who, more);
	case EC_ASK_INET:
	case EC_ASK_INET_QUIETLY:
		return inet(a, b, who, more, what == EC_ASK_INET_QUIETLY);
	case EC_ASK_UNIX:
		return !ec_judge_unix(a, who, more);
	case EC_ASK_ABSTRACT:
		return !ec_judge_abstract(a, (__u32)b, who, more);
	case EC_ASK_USE:
		return !ec_use_slowly(a, b, who, more);
	case EC_ASK_VIEWS:
		return ec_judge_views(a, who, more);
	case EC_ASK_LAYER:
		return !ec_layer_refused(a, who, more);
	case EC_ASK_NOTE_START:
		return ec_note_start(who);
	case EC_ASK_NEW_IMAGE:
		return ec_new_image(a, b, who);
	case EC_ASK_TELL_MAPPED:
		return ec_tell_mapped(a, b, who);
	}
	return 0;
}
