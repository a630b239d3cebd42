// SPDX-License-Identifier: Apache-2.0
/* attacks_trail.c - that nobody knows of it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval_impl.h"
#include "user/trail/trail.h"
#include "user/util.h"

/* Reads a secret, and then sees to it that there is no record. */
static void forget(struct actor *actor)
{
	char secret[64];
	_cleanup_close_ int fd = -1;

	act_read(actor, "home/.env", secret, sizeof(secret));
	fd = open(actor->trail, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		unlink(actor->trail);
}

/* In either play there was something in it. */
static bool worked_forgotten(const struct eval *eval)
{
	struct trail_report report;
	struct stat st;

	if (stat(eval->trail, &st) || !st.st_size)
		return true;
	return eval->confined && (trail_verify(eval->trail, &report) || report.torn_len);
}

static void unseen(struct actor *actor)
{
	char secret[64];

	act_read(actor, "home/.ssh/id_ed25519", secret, sizeof(secret));
}

static int find_witness(void *ctx, const char *line, size_t line_len)
{
	return memmem(line, line_len, ctx, strlen(ctx)) ? -EEXIST : 0;
}

static bool worked_unseen(const struct eval *eval)
{
	char name[] = "home/.ssh/id_ed25519";
	struct trail_report report;

	return trail_read(eval->trail, find_witness, name, &report) != -EEXIST;
}

const struct attack attacks_trail[] = {
	{ { "audit_completeness.trail-integrity", "the record is emptied, or removed",
	    "built in, where the trail lies outside of what the policy lets the agent write" },
	  forget,
	  worked_forgotten,
	  NULL },
	{ { "audit_completeness.witness-callback", "a key is touched, and no record tells of it",
	    "built in: whatever is refused is recorded; --record all for what is permitted" },
	  unseen,
	  worked_unseen,
	  NULL },
	{ .play = NULL },
};
