/* SPDX-License-Identifier: Apache-2.0 */
/* embed.h - a file of this repository as a C string, put there by the assembler.
 * The Makefile names the files that such an object depends on. */
#ifndef EC_EMBED_H
#define EC_EMBED_H

#define EMBED(symbol, path)                                                                        \
	__asm__(".section .rodata\n" #symbol ":\n"                                                 \
		".incbin \"" path "\"\n"                                                           \
		".byte 0\n"                                                                        \
		".previous\n");                                                                    \
	extern const char symbol[] __attribute__((visibility("hidden")))

#endif
