/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_symbols.h - where the kernel's variables lie. */
#ifndef EC_KERNEL_SYMBOLS_H
#define EC_KERNEL_SYMBOLS_H

#include <stdint.h>

/* Of names_len names. -ENOENT: the kernel does not tell one of them (kernel.kptr_restrict=2,
 * no CONFIG_KALLSYMS_ALL). */
int kernel_symbols(const char *const *names, unsigned int names_len, uint64_t *ret_addresses);

#endif
