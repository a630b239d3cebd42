/* SPDX-License-Identifier: Apache-2.0 */
/* extends_dir.h - for tests of extends: a directory with a child, its parent, and others. */
#ifndef EC_TEST_EXTENDS_DIR_H
#define EC_TEST_EXTENDS_DIR_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy_text.h"

#define EXTENDS "extends: parent.yaml\n"

static char dir[] = "/tmp/ec-extends-XXXXXX";
static char path[400];

static inline const char *in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static inline void write_file(const char *name, const char *text)
{
	FILE *to = fopen(in_dir(name), "w");

	cr_assert_not_null(to);
	fputs(text, to);
	fclose(to);
}

static inline void set_up(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

static inline void tear_down(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

static inline struct loaded load_strictly(const char *name, bool strict)
{
	struct loaded l = { 0 };
	struct policy_load_options options = { .strict = strict, .warn = loaded_warn, .ctx = &l };

	l.r = policy_load(in_dir(name), &options, &l.policy, &l.diag);
	cr_assert_eq(l.r < 0, l.policy == NULL);
	return l;
}

static inline struct policy *load(const char *parent, const char *child)
{
	struct loaded l;

	write_file("parent.yaml", parent);
	write_file("child.yaml", child);
	l = load_strictly("child.yaml", true);
	cr_assert_eq(l.r, 0, "%s:%u:%u: %s", l.diag.file, l.diag.line, l.diag.column, l.diag.text);
	return l.policy;
}

static inline void refused(const char *child, int error, const char *file, unsigned int line,
			   unsigned int column, const char *says)
{
	struct loaded l;
	char full[400];

	write_file("child.yaml", child);
	l = load_strictly("child.yaml", true);
	cr_assert_eq(l.r, error, "%d: %s", l.r, l.diag.text);
	snprintf(full, sizeof(full), "%s/%s", dir, file);
	diag_is(&l.diag, full, line, column, says);
}

static inline bool allowed(const struct policy *p, const char *tool)
{
	const char *reason;
	uint32_t rule;

	return policy_tool_allowed(p, tool, &reason, &rule);
}

#endif
