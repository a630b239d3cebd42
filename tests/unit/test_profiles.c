// SPDX-License-Identifier: Apache-2.0
/* The profiles that are shipped, held against their cases. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_text.h"
#include "user/command/commands.h"

#define PROFILES "policy/profiles/"
#define CASES_MIN 15u

/* A home and a project as nobody has them, outside /tmp, which some may write. */
static char dir[] = "/var/tmp/ec-profiles-XXXXXX";
static char top[PATH_MAX], home[64], project[64];

static void setup(void)
{
	cr_assert_not_null(realpath(PROFILES, top));
	cr_assert_not_null(mkdtemp(dir));
	snprintf(home, sizeof(home), "%s/home", dir);
	snprintf(project, sizeof(project), "%s/project", dir);
	cr_assert_eq(mkdir(home, 0700), 0);
	cr_assert_eq(mkdir(project, 0700), 0);
	setenv("HOME", home, 1);
	cr_assert_eq(chdir(project), 0);
}

static void cleanup(void)
{
	cr_assert_eq(rmdir(home) || rmdir(project) || rmdir(dir), 0);
}

TestSuite(profiles, .init = setup, .fini = cleanup);

static glob_t find(const char *pattern)
{
	char path[PATH_MAX + 32];
	glob_t files;

	snprintf(path, sizeof(path), "%s/%s", top, pattern);
	cr_assert_eq(glob(path, GLOB_BRACE, NULL, &files), 0, "%s", path);
	return files;
}

static bool is_cases(const char *path)
{
	return strstr(path, ".test.yaml") != NULL;
}

Test(profiles, are_valid_and_leave_room_for_others)
{
	struct policy_env env = { .root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
				  .cwd_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC),
				  .home = home };
	struct policy_load_options options = { .strict = true };
	glob_t files = find("{,base/}*.yaml");

	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct automaton image = { 0 };
		struct policy *policy = NULL;
		struct policy_diag diag;

		if (is_cases(files.gl_pathv[i]))
			continue;
		cr_assert_eq(policy_load(files.gl_pathv[i], &options, &policy, &diag), 0,
			     "%s:%u: %s", diag.file, diag.line, diag.text);
		cr_assert_eq(
			policy_compile(policy, &env, POLICY_WORDS_MAX / 4, NULL, &image, &diag), 0,
			"%s: %s", files.gl_pathv[i], diag.text);
		cr_assert_not(policy_observes(policy));
		cr_assert_not(policy_logs_undeclared(policy));
		automaton_done(&image);
		policy_free(policy);
	}
	globfree(&files);
	close(env.root_fd);
	close(env.cwd_fd);
}

static unsigned int read_number(const char *text, const char *before)
{
	const char *at = strstr(text, before);

	while (at && at > text && strchr("0123456789", at[-1]))
		at--;
	return at ? (unsigned int)atoi(at) : 0;
}

Test(profiles, keep_their_cases)
{
	glob_t profiles = find("*.yaml");
	char said[8192] = "", cases[PATH_MAX];
	int status = 0;
	size_t len;

	cr_redirect_stdout();
	for (size_t i = 0; i < profiles.gl_pathc; i++) {
		char *path = profiles.gl_pathv[i], *argv[] = { "enforcecore", "test", cases, NULL };

		if (is_cases(path))
			continue;
		snprintf(cases, sizeof(cases), "%.*s.test.yaml", (int)(strlen(path) - 5), path);
		status |= command_find("policy")->run(3, argv);
	}
	fflush(stdout);
	len = fread(said, 1, sizeof(said) - 1, cr_get_redirected_stdout());
	cr_assert(len && !status, "%s", said);
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
		cr_assert_geq(read_number(line, " passed"), CASES_MIN, "%s", line);
	globfree(&profiles);
}
