// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* ask.bpf.c - see ask.bpf.h. No hooks. */
#include "ask.bpf.h"

__noinline int ec_ask(__u64 a, __u64 b, __u32 who, __u32 what, __u32 more)
{
	int nothing = 0;

	/* or the compiler leaves out what is not used, and knows the answer */
	__asm__ volatile("" : "+r"(nothing) : "r"(a), "r"(b), "r"(who), "r"(what), "r"(more));
	return nothing;
}
