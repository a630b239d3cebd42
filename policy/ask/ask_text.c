// SPDX-License-Identifier: Apache-2.0
/* ask_text.c - an effect as it would happen here: labels and host names. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "ask.h"
#include "policy/compile/endpoint.h"
#include "policy/compile/inode.h"
#include "policy/diag.h"
#include "policy/grow.h"

/* The path is resolved: no links on the way but those made since. What cannot
 * be looked at has no label. */
static void find_node(const struct asker *asker, struct effect_asked *effect)
{
	__attribute__((cleanup(inode_mounts_done))) struct inode_mounts mounts = { 0 };
	_cleanup_fd_ int fd = -1;
	uint32_t dev, version;
	uint64_t ino;
	bool known;

	if (!asker->nodes_len || effect->string[0] != '/')
		return;
	fd = openat(asker->env->root_fd, effect->len > 1 ? effect->string + 1 : ".",
		    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || inode_mounts_read(&mounts) < 0 || inode_of(&mounts, fd, &ino, &dev) < 0)
		return;
	known = inode_version(fd, ino, &version) == 0;
	for (size_t i = 0; i < asker->nodes_len; i++) {
		const struct policy_node *node = &asker->nodes[i];

		if (node->ino != ino || node->dev != dev ||
		    (!node->any && known && node->version != version))
			continue;
		effect->node_rule = node->rule;
		effect->node_ops |= node->ops;
	}
}

struct hosts {
	const struct asker *asker;
	const struct policy_call *call;
	struct effect_asked next;
	struct effect_asked *effect;
	struct answer *answer;
};

static int ask_address(void *ctx, const struct endpoint *inet)
{
	struct hosts *hosts = ctx;
	struct answer answer;

	if (hosts->answer->verdict && hosts->answer->verdict != EC_VERDICT_ALLOW)
		return 0;
	effect_at(&hosts->next, inet);
	answer = ask(hosts->asker->policy, hosts->asker->image, hosts->call, hosts->asker->tripped,
		     &hosts->next);
	if (hosts->answer->verdict && answer.verdict == EC_VERDICT_ALLOW)
		return 0;
	*hosts->answer = answer;
	*hosts->effect = hosts->next;
	return 0;
}

/* What /etc/hosts names is no name to the kernel, but an address. */
static int ask_name(struct hosts *hosts, const struct endpoint *host)
{
	int r = endpoint_hosts(host, hosts->asker->env->root_fd, ask_address, hosts);

	if (r)
		return r;
	hosts->next.len = endpoint_host_string(host, (uint8_t *)hosts->next.string);
	*hosts->answer = ask(hosts->asker->policy, hosts->asker->image, hosts->call,
			     hosts->asker->tripped, &hosts->next);
	*hosts->effect = hosts->next;
	return 1;
}

/* 0: text names no host. 1: asked. */
static int ask_host(struct hosts *hosts, const char *text, struct policy_diag *diag)
{
	const char *target = text + strcspn(text, " "), *problem;
	size_t op_len = (size_t)(target - text);
	struct endpoint e;
	int r;

	target += strspn(target, " ");
	if (op_len == strlen("connect") && !strncmp(text, "connect", op_len))
		hosts->next.op = EC_OP_CONNECT;
	else if (op_len == strlen("listen") && !strncmp(text, "listen", op_len))
		hosts->next.op = EC_OP_LISTEN;
	else
		return 0;
	if (endpoint_parse(target, &e, &problem) < 0 || e.kind != ENDPOINT_HOST ||
	    e.first_port != e.last_port)
		return 0;
	r = hosts->next.op == EC_OP_CONNECT ? ask_name(hosts, &e) :
					      endpoint_resolve(&e, ask_address, hosts);
	if (r < 0)
		return diag_set(diag, "", 0, 0, r, "effect \"%.200s\": host %.200s has no address",
				text, e.text);
	return 1;
}

int ask_text(const struct asker *asker, const struct policy_call *call, const char *text,
	     struct effect_asked *ret_effect, struct answer *ret_answer,
	     struct policy_diag *ret_diag)
{
	struct hosts hosts = {
		.asker = asker, .call = call, .effect = ret_effect, .answer = ret_answer
	};
	int r;

	memset(ret_answer, 0, sizeof(*ret_answer));
	r = ask_host(&hosts, text, ret_diag);
	if (r)
		return r < 0 ? r : 0;
	r = effect_parse(text, asker->env, ret_effect, ret_diag);
	if (r < 0)
		return r;
	find_node(asker, ret_effect);
	*ret_answer = ask(asker->policy, asker->image, call, asker->tripped, ret_effect);
	return 0;
}
