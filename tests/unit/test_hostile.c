// SPDX-License-Identifier: Apache-2.0
/* Files that mean harm are refused before they cost much: every assertion is on
 * a limit, none on time. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/tree/tree.h"
#include "policy_text.h"

#define HEAD "name: p\n"

static struct loaded load_text_of(const char *text)
{
	return load_bytes(text, strlen(text), false);
}

/* HEAD, then before, then middle count times, then after; free it. */
static char *repeat(const char *before, const char *middle, size_t count, const char *after)
{
	size_t one = strlen(middle);
	char *text = malloc(sizeof(HEAD) + strlen(before) + count * one + strlen(after));
	char *at = stpcpy(stpcpy(text, HEAD), before);

	for (size_t i = 0; i < count; i++, at += one)
		memcpy(at, middle, one);
	strcpy(at, after);
	return text;
}

static void refused(char *text, int error, unsigned int line, unsigned int column, const char *says)
{
	struct loaded l = load_text_of(text);

	cr_assert_eq(l.r, error, "%d: %s", l.r, l.diag.text);
	diag_is(&l.diag, "p.yaml", line, column, says);
	free(text);
}

Test(hostile, size_is_bounded)
{
	size_t len = TREE_TEXT_MAX + 1;
	char *text = malloc(len);
	struct loaded l;

	memset(text, '#', len);
	memcpy(text, HEAD, sizeof(HEAD) - 1);
	l = load_bytes(text, len, false);
	cr_assert_eq(l.r, -E2BIG);
	diag_is(&l.diag, "p.yaml", 0, 0, "larger than 16 MiB");
	l = load_bytes(text, len - 1, false);
	cr_assert_eq(l.r, 0);
	policy_free(l.policy);
	free(text);
}

Test(hostile, a_huge_file_is_refused)
{
	int fd = memfd_create("huge", MFD_CLOEXEC);
	char path[64];
	struct policy *policy = NULL;
	struct policy_diag diag = { 0 };
	struct policy_load_options options = { 0 };

	cr_assert_eq(ftruncate(fd, 100 << 20), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	cr_assert_eq(policy_load(path, &options, &policy, &diag), -E2BIG);
	diag_is(&diag, path, 0, 0, "larger than 16 MiB");
	close(fd);
}

static int open_same(void *ctx, const char *path)
{
	cr_assert_str_eq(path, "parent.yaml");
	return dup(*(int *)ctx);
}

/* The descriptor's offset tells how much of the 100 MB was read. */
Test(hostile, of_a_huge_parent_only_the_beginning_is_read)
{
	static const char child[] = HEAD "extends: parent.yaml\n";
	int fd = memfd_create("huge", MFD_CLOEXEC);
	struct policy_load_options options = { .open = open_same, .ctx = &fd };
	struct policy *policy = NULL;
	struct policy_diag diag = { 0 };

	cr_assert_eq(ftruncate(fd, 100 << 20), 0);
	cr_assert_eq(
		policy_load_buffer("p.yaml", child, sizeof(child) - 1, &options, &policy, &diag),
		-E2BIG);
	diag_is(&diag, "p.yaml", 2, 10, "16 MiB");
	cr_assert_lt(lseek(fd, 0, SEEK_CUR), TREE_TEXT_MAX + (1 << 20));
	close(fd);
}

Test(hostile, nesting_is_bounded)
{
	refused(repeat("x: ", "[", 100, ""), -E2BIG, 2, 3 + TREE_DEPTH_MAX, "nested");
	refused(repeat("x: ", "{a: ", 100, ""), -E2BIG, 2, 4 + 4 * (TREE_DEPTH_MAX - 1), "nested");
	refused(repeat("x: ", "[", 2000000, ""), -E2BIG, 2, 3 + TREE_DEPTH_MAX, "nested");
	refused(repeat("", "- ", 100000, ""), -EINVAL, 2, 1, "");
}

Test(hostile, values_are_bounded)
{
	/* the map, two keys and a name, the list: 5 nodes before the first item */
	refused(repeat("x: [", "1,", TREE_NODES_MAX, "]"), -E2BIG, 2, 5 + 2 * (TREE_NODES_MAX - 5),
		"too many values");
}

/* A few lines stand for 10^9 values. */
Test(hostile, laughs_count_as_what_they_stand_for)
{
	char text[4000] = HEAD "x0: &x0 [a, b, c, d, e, f, g, h, i]\n";
	struct loaded l;

	for (int i = 1; i < 40; i++)
		sprintf(text + strlen(text), "x%d: &x%d [*x%d,*x%d,*x%d,*x%d,*x%d]\n", i, i, i - 1,
			i - 1, i - 1, i - 1, i - 1);
	l = load_text_of(text);
	cr_assert_eq(l.r, -E2BIG);
	/* 10 nodes, then 5 times the line before and 1 more */
	cr_assert_eq(l.diag.line, 9, "line %u", l.diag.line);
	cr_assert(strstr(l.diag.text, "alias"), "%s", l.diag.text);
}

/* A list that every tool shares would be read once for each. */
Test(hostile, shared_lists_count_for_each_use)
{
	char *item = repeat("kernel:\n  baseline: {read: &big [", "\"/a\",", 60000,
			    "]}\n  tools:\n");
	size_t len = strlen(item), max = len + 100 * 32;
	char *text = realloc(item, max);

	for (int i = 0; i < 100; i++)
		len += (size_t)sprintf(text + len, "    t%d: {read: *big}\n", i);
	/* 16 lists of 60,001 fit below a million: the baseline and 15 tools */
	refused(text, -E2BIG, 4 + 16, 17, "alias");
}

/* Rules copy their text: a long one that is shared counts by its length. */
Test(hostile, shared_texts_count_by_length)
{
	char *text = repeat("x: &long \"", "y", 8 << 20, "\"\nrules: {denied_tools: [");
	size_t len = strlen(text);

	text = realloc(text, len + 6 * 100 + 8);
	for (int i = 0; i < 100; i++)
		len += (size_t)sprintf(text + len, "*long,");
	strcpy(text + len, "]}\n");
	refused(text, -E2BIG, 3, 24 + 6 * 10, "alias");
}

Test(hostile, anchors_are_bounded)
{
	char *text = malloc(200000), *at = stpcpy(text, HEAD "x:\n");

	for (int i = 0; i < 2000; i++)
		at += sprintf(at, "- &a%d b\n", i);
	refused(text, -E2BIG, 3 + 1000, 3, "anchors");
}

Test(hostile, long_texts_are_bounded_where_they_are_kept)
{
	struct loaded l;
	char *text = repeat("kernel: {baseline: {read: [\"/", "a", 1 << 20, "\"]}}\n");

	refused(text, -EINVAL, 2, 28, "pattern");
	refused(repeat("rules: {denied_tools: [\"", "a", 1 << 20, "\"]}\n"), -EINVAL, 2, 24,
		"not a tool name");
	refused(repeat("kernel: {tools: {\"", "a", 1 << 9, "\": {}}}\n"), -EINVAL, 2, 18,
		"not a tool name");
	refused(repeat("version: \"", "1", 257, "\"\n"), -EINVAL, 2, 10, "longer than 256");
	refused(repeat("extends: \"", "p", 1 << 20, "\"\n"), -EINVAL, 2, 10, "path of a file");
	text = repeat("x", "y", 1 << 20, ": 1\n");
	l = load_text_of(text);
	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, "p.yaml", 2, (1 << 20) + 2, "simple key");
	free(text);
	refused(repeat("rules: {content_rules: {block_patterns: [{pattern: \"", "y", 8 << 20,
		       "\"}]}}\n"),
		-EINVAL, 2, 52, "longer than 4096");
}

Test(hostile, a_long_name_does_not_reach_the_trail)
{
	char text[300] = "name: ";

	memset(text + 6, 'n', 257);
	struct loaded l = load_text_of(text);

	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, "p.yaml", 1, 7, "longer than 256");
	text[6 + 256] = '\0';
	l = load_text_of(text);
	cr_assert_eq(l.r, 0);
	policy_free(l.policy);
}

Test(hostile, bytes_that_are_not_text_have_a_place)
{
	static const char nul[] = HEAD "# a\n\0b: 1\n";
	struct loaded l = load_bytes(nul, sizeof(nul) - 1, false);

	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, "p.yaml", 3, 0, "NUL");
	l = load_bytes("name: \0", 7, false);
	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, "p.yaml", 1, 0, "NUL");
	refused(strdup(HEAD "x: \"\\x00\"\n"), -EINVAL, 2, 4, "NUL");
	refused(strdup(HEAD "x: \"ab\xff\"\n"), -EINVAL, 2, 7, "UTF-8");
	refused(strdup(HEAD "x: \"\xc0\x80\"\n"), -EINVAL, 2, 5, "UTF-8");
	refused(strdup(HEAD "x: \"\xed\xa0\x80\"\n"), -EINVAL, 2, 5, "Unicode");
	refused(strdup(HEAD "x: \"\xf4\x90\x80\x80\"\n"), -EINVAL, 2, 5, "Unicode");
	refused(strdup(HEAD "x: a\x1b[31m\n"), -EINVAL, 2, 5, "control");
	refused(strdup(HEAD "x: \"\xc3\n"), -EINVAL, 2, 6, "UTF-8");
}

/* Each costs a comparison with every known key: the first hundred are enough. */
Test(hostile, warnings_are_bounded)
{
	char *text = malloc(2000000), *at = stpcpy(text, HEAD);
	struct loaded l;

	for (int i = 0; i < 100000; i++)
		at += sprintf(at, "k%d: 1\n", i);
	l = load_text_of(text);
	cr_assert_eq(l.r, 0);
	cr_assert_eq(l.warnings, 101);
	policy_free(l.policy);
	free(text);
}
