/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h - what this host is, read below a root directory: the real one, or a
 * copy of another host's (tests). Links are not followed out of it.
 *
 * What only system calls tell is asked of the running kernel, which is not the
 * one of a copy: there `kernel` is NULL and whoever asks gets "not known".
 */
#ifndef EC_HOST_H
#define EC_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_TEXT_MAX 16384 /* of one file; what is longer is cut */

struct host_kernel {
	/* Names of the active LSMs, separated by commas. false: it does not say (before 6.8
	 * root alone is told). */
	bool (*lsms)(char *ret_text, size_t size);
	int (*landlock_abi)(void); /* negative errno: none */
	/* Loads an LSM program that reads kernel memory as the sensor's do, attaches it
	 * nowhere, and forgets it. 0 or negative errno. */
	int (*load_lsm)(void);
	void (*hypervisor)(char ret_name[13]); /* CPUID's; "" = none */
	/* Whether the kernel's log has this word; false also when it may not be read. */
	bool (*log_says)(const char *word);
	/* Whether a library that is opened when it is asked for can be; NULL: not known. */
	bool (*has_library)(const char *name);
};
extern const struct host_kernel host_running_kernel;

struct host {
	int root_fd;
	const struct host_kernel *kernel;
};

/* root NULL: this host. 0 or a negative errno. */
int host_open(const char *root, struct host *ret_host);
void host_close(struct host *host);

/* Paths are relative ("proc/version"). Without the newline at the end; bytes
 * that are no text become '?'. Negative errno: not readable, and "". */
int host_text(const struct host *host, const char *path, char *ret_text, size_t size);
/* The same of a file's bytes; their number. */
int host_bytes(const struct host *host, const char *path, void *ret_bytes, size_t size);
/* Of a symbolic link. */
int host_link(const struct host *host, const char *path, char *ret_text, size_t size);
bool host_has(const struct host *host, const char *path);
/* -1: it is not there, or no number. */
long host_number(const struct host *host, const char *path);
/* Whether text has word as one of its words; they are separated by spaces, commas and lines. */
bool host_has_word(const char *text, const char *word);
/* Whether a file system of this kind is mounted at path ("/sys/fs/bpf"; NULL: anywhere). */
bool host_mounted(const struct host *host, const char *kind, const char *path);

#endif
