// SPDX-License-Identifier: Apache-2.0
/*
 * kernel_symbols.c - the kernel is asked by a program (bpf_kallsyms_lookup_name, 5.16):
 * it writes the 200,000 lines of /proc/kallsyms more slowly than it looks two up. Where it
 * has no such programs the lines are read.
 */
#include "kernel_symbols.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/util.h"

#define NAME_MAX_LEN 32 /* on the program's stack */
#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn) { .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })

/* Of the address of a name to the context's first eight bytes. */
static int load_program(const char *name)
{
	struct bpf_insn program[NAME_MAX_LEN / 4 + 16];
	struct bpf_prog_load_opts opts = { .sz = sizeof(opts), .prog_flags = BPF_F_SLEEPABLE };
	char text[NAME_MAX_LEN] = "";
	int name_at = -(NAME_MAX_LEN + 8), answer_at = -8, n = 0;

	if (strlen(name) >= sizeof(text))
		return -ENAMETOOLONG;
	memcpy(text, name, strlen(name));
	program[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	for (int i = 0; i < NAME_MAX_LEN; i += 4) {
		int word;

		memcpy(&word, text + i, sizeof(word));
		program[n++] = INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, (short)(name_at + i),
				    word);
	}
	program[n++] = INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, (short)answer_at, 0);
	program[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0);
	program[n++] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, name_at);
	program[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, (int)strlen(name) + 1);
	program[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0);
	program[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_4, BPF_REG_10, 0, 0);
	program[n++] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, answer_at);
	program[n++] = INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_kallsyms_lookup_name);
	program[n++] = INSN(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_10, (short)answer_at, 0);
	program[n++] = INSN(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_1, 0, 0);
	program[n++] = INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "ec_symbol", "Dual BSD/GPL", program, (size_t)n,
			     &opts);
}

/* 0 or an error; *ret_address 0: it is not told. */
static int ask(const char *name, uint64_t *ret_address)
{
	_cleanup_close_ int program = load_program(name);
	struct bpf_test_run_opts opts = { .sz = sizeof(opts),
					  .ctx_in = ret_address,
					  .ctx_size_in = sizeof(*ret_address) };

	*ret_address = 0;
	if (program < 0)
		return -EOPNOTSUPP;
	return bpf_prog_test_run_opts(program, &opts) ? -EOPNOTSUPP : 0;
}

/* "ffffffff82c3b9c0 B mount_lock": no module follows, these are the kernel's. */
static int read_lines(const char *const *names, unsigned int names_len, uint64_t *ret_addresses)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	unsigned int found = 0;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return -errno;
	while (found < names_len && getline(&line, &room, file) > 0) {
		char *name = strrchr(line, ' ');

		if (!name)
			continue;
		name[strcspn(name, "\n")] = '\0';
		for (unsigned int i = 0; i < names_len; i++)
			if (!ret_addresses[i] && !strcmp(name + 1, names[i])) {
				ret_addresses[i] = strtoull(line, NULL, 16);
				found += !!ret_addresses[i];
			}
	}
	free(line);
	fclose(file);
	return found == names_len ? 0 : -ENOENT;
}

int kernel_symbols(const char *const *names, unsigned int names_len, uint64_t *ret_addresses)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < names_len; i++)
		r = ask(names[i], &ret_addresses[i]);
	for (unsigned int i = 0; r == 0 && i < names_len; i++)
		if (!ret_addresses[i])
			r = -ENOENT;
	if (r == 0)
		return 0;
	memset(ret_addresses, 0, names_len * sizeof(*ret_addresses));
	return read_lines(names, names_len, ret_addresses);
}
