/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape.h - techniques of getting out, each attempted for real by a process
 * that shall not succeed, and judged by one that is none of its kin. A technique
 * is one row of its subject's table: what the observer prepares, what the
 * attacker does, whether the effect happened, what the observer repairs.
 */
#ifndef EC_ESCAPE_H
#define EC_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where the attacker is. A technique names those it makes sense in. */
enum place {
	PLACE_ROOT = 1,	     /* root, no privilege granted */
	PLACE_USER = 2,	     /* user 1000 */
	PLACE_USERNS = 4,    /* user 1000 made root of a user namespace of its own */
	PLACE_CONTAINER = 8, /* root below an overlay, in its own mount namespace */
	PLACE_LOOSE = 16,    /* root, with namespaces, mount and chroot granted */
};
#define ROOTS (PLACE_ROOT | PLACE_CONTAINER)
#define STRICT (ROOTS | PLACE_USER)
#define ALL 31

struct technique {
	const char *name;
	const char *hook;    /* what refuses it */
	const char *outcome; /* what the attacker meets */
	unsigned int places;
	unsigned int since;  /* first kernel that has the way, KERNEL(); 0 = all */
	unsigned int until;  /* first kernel that has it no more */
	const char *kernels; /* what differs, for the table */
	void (*set)(void);
	void (*attempt)(void);
	bool (*happened)(void);
	void (*mend)(void);
};
#define KERNEL(major, minor) ((unsigned int)(major) << 8 | (minor))

struct subject {
	const char *name;
	const struct technique *techniques;
	size_t len;
};
#define SUBJECT(name, techniques)                                                                  \
	{                                                                                          \
		name, techniques, sizeof(techniques) / sizeof(techniques[0])                       \
	}
extern const struct subject subject_permitted, subject_names, subject_objects, subject_files,
	subject_exec, subject_tag, subject_uring, subject_net, subject_routes, subject_strangers,
	subject_control, subject_root, subject_handed, subject_calls, subject_ipc, subject_mounts,
	subject_local, subject_devices;
extern const struct subject *const subjects[];
extern const size_t subjects_len;
const struct technique *technique_find(const char *name);

#endif
