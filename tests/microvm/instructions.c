// SPDX-License-Identifier: Apache-2.0
/* instructions.c - the time stamp counter: where QEMU counts instructions, nanoseconds
 * since the machine was switched on (waiting too). */
#include <stdio.h>
#include <x86intrin.h>

int main(void)
{
	printf("%llu\n", (unsigned long long)__rdtsc());
	return 0;
}
