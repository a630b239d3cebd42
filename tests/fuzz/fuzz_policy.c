// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a policy file; behind a NUL byte the arguments of a call; behind
 * another the file that `extends` opens, whatever it names: the file system is
 * never asked.
 *
 * 1. Loading says no with a sentence, or gives a policy.
 * 2. Compiling it, and a call of each of its tools, gives an image whose every
 *    index stays inside, and whose every rule exists.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claim.h"
#include "policy/text/model.h"
#include "policy/policy.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS_MAX 50000u
#define TOOLS_MAX 8u

static struct policy_env env;

/* No questions to the network. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **res)
{
	static struct sockaddr_in address = { .sin_family = AF_INET };
	static struct addrinfo info = { .ai_family = AF_INET,
					.ai_addr = (struct sockaddr *)&address,
					.ai_addrlen = sizeof(address) };

	(void)service;
	(void)hints;
	*res = &info;
	return node && node[0] == 'x' ? EAI_NONAME : 0;
}

void freeaddrinfo(struct addrinfo *res)
{
	(void)res;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char root[] = "/tmp/ec-fuzz-XXXXXX";
	int fd;

	(void)argc;
	(void)argv;
	CLAIM(mkdtemp(root));
	fd = open(root, O_PATH | O_CLOEXEC);
	CLAIM(fd >= 0);
	CLAIM(!mkdirat(fd, "usr", 0755) && !mkdirat(fd, "srv", 0755));
	CLAIM(!symlinkat("usr", fd, "lib") && !symlinkat("b", fd, "a") &&
	      !symlinkat("a", fd, "b") && !symlinkat("/lib/../..", fd, "srv/up"));
	env.root_fd = fd;
	env.cwd_fd = open(root, O_PATH | O_CLOEXEC);
	env.home = "/home/me";
	return 0;
}

static void check_list(const struct policy *policy, const struct automaton *a, uint32_t list)
{
	CLAIM(list >= a->lists && list < a->words_len);
	CLAIM(a->words[list] >= 1 && a->words[list] <= EC_MAX_ACCEPT);
	for (uint64_t i = 1; i <= a->words[list]; i++) {
		uint64_t entry = a->words[list + i];

		CLAIM(list + i < a->words_len);
		CLAIM(policy_rule(policy, EC_ACCEPT_RULE(entry)));
		CLAIM(EC_ACCEPT_CLASS(entry) >= EC_CLASS_NEVER &&
		      EC_ACCEPT_CLASS(entry) <= EC_CLASS_CALL);
		CLAIM(EC_ACCEPT_OPS(entry) && !(EC_ACCEPT_OPS(entry) & 0xc0));
	}
}

static void check_image(const struct policy *policy, const struct automaton *a)
{
	if (!a->start)
		return;
	CLAIM(a->words_len <= WORDS_MAX && a->lists <= a->words_len && a->moves + 256 <= a->lists);
	CLAIM(!(a->start & 1) && a->start < a->moves);
	for (uint32_t s = 2; s < a->moves; s += 2) {
		uint32_t list = EC_STATE_ACCEPT(a->words[s + 1]);

		CLAIM(EC_STATE_BASE(a->words[s]) >= a->moves);
		CLAIM(EC_STATE_BASE(a->words[s]) + 255 < a->lists);
		CLAIM(EC_STATE_DEFAULT(a->words[s]) < a->moves);
		if (list)
			check_list(policy, a, list);
	}
	for (uint32_t i = a->moves; i < a->lists; i++)
		CLAIM(EC_NEXT_STATE(a->words[i]) < a->moves &&
		      EC_NEXT_OWNER(a->words[i]) < a->moves);
}

static void check_calls(const struct policy *policy, const struct automaton *image,
			const char *json, size_t json_len)
{
	cJSON *args = cJSON_ParseWithLength(json, json_len);
	struct policy_diag diag;

	for (size_t i = 0; i < policy->tools_len && i < TOOLS_MAX; i++) {
		struct policy_call call;
		int r;

		diag.text[0] = '\0';
		r = policy_call_compile(policy, &env, image, policy->tools[i].name, args, WORDS_MAX,
					&call, &diag);
		CLAIM(r == 0 || r == -EACCES || r == -EINVAL || r == -E2BIG);
		CLAIM(r == 0 || diag.text[0]);
		if (r == 0)
			check_image(policy, &call.automaton);
		policy_call_done(&call);
	}
	cJSON_Delete(args);
}

/* Up to the first NUL byte of what is left, which it takes away. */
struct part {
	const char *text;
	size_t len;
};

static struct part take(struct part *left)
{
	const char *nul = left->len ? memchr(left->text, '\0', left->len) : NULL;
	struct part part = { left->text, nul ? (size_t)(nul - left->text) : left->len };
	size_t used = part.len + (nul != NULL);

	left->text += used;
	left->len -= used;
	return part;
}

/* A new file each time, so that a parent may have itself as its parent. */
static int open_parent(void *ctx, const char *path)
{
	const struct part *parent = ctx;
	int fd = memfd_create("parent", MFD_CLOEXEC);

	CLAIM(path[0]);
	CLAIM(fd >= 0 && write(fd, parent->text, parent->len) == (ssize_t)parent->len);
	CLAIM(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void on_warning(void *ctx, const struct policy_diag *warning)
{
	(void)ctx;
	CLAIM(warning->text[0] && warning->line && warning->column);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part parent = { (const char *)data, size };
	struct part file = take(&parent), args = take(&parent);
	struct policy_load_options options = { .open = open_parent,
					       .warn = on_warning,
					       .ctx = &parent };
	struct policy *policy = NULL;
	struct policy_diag diag = { 0 };
	struct automaton image = { 0 };
	int r = policy_load_buffer("fuzz", file.text, file.len, &options, &policy, &diag);

	CLAIM((r == 0) == (policy != NULL));
	if (r < 0) {
		CLAIM(diag.text[0]);
		return 0;
	}
	diag.text[0] = '\0';
	r = policy_compile(policy, &env, WORDS_MAX, NULL, &image, &diag);
	CLAIM(r == 0 || (diag.text[0] && (r == -E2BIG || r == -EINVAL)));
	if (r == 0) {
		check_image(policy, &image);
		check_calls(policy, &image, args.len ? args.text : "", args.len);
	}
	automaton_done(&image);
	policy_free(policy);
	return 0;
}
