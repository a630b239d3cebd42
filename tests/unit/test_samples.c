// SPDX-License-Identifier: Apache-2.0
/* The policies of the Python EnforceCore, as they are. They lie beside the
 * repository, not in it. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>

#include "policy_text.h"

#define SAMPLES "../shared/data/enforcecore-python/policies/"
#define FIXTURE SAMPLES "fixture-"

static struct loaded load_file(const char *path)
{
	struct loaded l = { 0 };
	struct policy_load_options options = { .strict = true, .warn = loaded_warn, .ctx = &l };

	l.r = policy_load(path, &options, &l.policy, &l.diag);
	return l;
}

static bool find(const char *pattern, size_t count, glob_t *ret_files)
{
	if (glob(pattern, 0, NULL, ret_files) == 0) {
		cr_assert_eq(ret_files->gl_pathc, count);
		return true;
	}
	/* not every verbosity prints the reason of a skip; the total counts this line */
	fprintf(stderr, "SKIP samples: " SAMPLES " is not there\n");
	cr_skip(SAMPLES " is not there");
	return false;
}

Test(samples, load_strictly_as_they_are)
{
	glob_t files;

	if (!find(SAMPLES "*.yaml", 9 + 2, &files))
		return;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct loaded l;

		if (strstr(files.gl_pathv[i], FIXTURE))
			continue;
		l = load_file(files.gl_pathv[i]);
		cr_assert_eq(l.r, 0, "%s:%u:%u: %s", l.diag.file, l.diag.line, l.diag.column,
			     l.diag.text);
		policy_free(l.policy);
	}
	globfree(&files);
}

Test(samples, invalid_fixtures_are_refused_with_a_place)
{
	struct loaded l;
	glob_t files;

	if (!find(FIXTURE "*.yaml", 2, &files))
		return;
	l = load_file(FIXTURE "broken_yaml.yaml");
	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, FIXTURE "broken_yaml.yaml", 1, 11, "mapping values");
	l = load_file(FIXTURE "invalid_policy.yaml");
	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, FIXTURE "invalid_policy.yaml", 4, 8, "rules must be a mapping");
	globfree(&files);
}
