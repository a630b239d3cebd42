// SPDX-License-Identifier: Apache-2.0
#include "quoter.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "user/trail/trail_hash.h"

/* A TPM that is asked all the time serves nobody else. */
#define PAUSE_MS 1000u
/* One that does not answer so long is not there. */
#define START_MS 30000u
#define END_MS 10000u
/* Quotes that nobody has fetched: with more than these none is made. */
#define QUOTES_MAX 4u

struct quoter {
	struct tpm_options options;
	struct aside *aside;
	pthread_mutex_t mutex;
	pthread_cond_t hurries;
	bool hurry; /* the last one is waited for */
	pid_t pid;
	struct trail_quote quotes[QUOTES_MAX];
	size_t len;
	int error;	       /* told, and not fetched yet */
	char why[TPM_WHY_MAX]; /* of the first attempt */
};

/* A checkpoint without a number is the first question: are you there? */
static int ask(struct quoter *quoter, const struct trail_checkpoint *checkpoint,
	       struct trail_quote *quote)
{
	char line[TRAIL_CHECKPOINT_MAX], why[TPM_WHY_MAX] = "";
	struct tpm *tpm = NULL;
	int r = tpm_open(&quoter->options, &tpm, why);

	quote->of = checkpoint->seq;
	trail_hash(line, trail_checkpoint_print(checkpoint, line), quote->checkpoint);
	if (r == 0)
		r = checkpoint->seq ? tpm_quote(tpm, quote, why) : tpm_try(tpm, why);
	tpm_close(tpm);
	if (!checkpoint->seq)
		memcpy(quoter->why, why, sizeof(why));
	return r;
}

static void rest(struct quoter *quoter)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PAUSE_MS / 1000;
	pthread_mutex_lock(&quoter->mutex);
	while (!quoter->hurry && !pthread_cond_timedwait(&quoter->hurries, &quoter->mutex, &until))
		continue;
	pthread_mutex_unlock(&quoter->mutex);
}

static int work(void *ctx, const struct trail_checkpoint *checkpoint)
{
	struct quoter *quoter = ctx;
	struct trail_quote quote;
	bool full;
	int r;

	pthread_mutex_lock(&quoter->mutex);
	full = quoter->len == QUOTES_MAX;
	pthread_mutex_unlock(&quoter->mutex);
	if (full)
		return 0;
	memset(&quote, 0, sizeof(quote));
	r = ask(quoter, checkpoint, &quote);
	if (!checkpoint->seq)
		return r;
	if (r == 0) {
		pthread_mutex_lock(&quoter->mutex);
		quoter->quotes[quoter->len++] = quote;
		pthread_mutex_unlock(&quoter->mutex);
	}
	rest(quoter);
	return r;
}

static int first(struct quoter *quoter, char why[TPM_WHY_MAX])
{
	const struct trail_checkpoint none = { .seq = 0 };
	int r = aside_tell(quoter->aside, &none);

	if (r < 0) {
		snprintf(why, TPM_WHY_MAX, "%s", strerror(-r));
		return r;
	}
	if (!aside_wait(quoter->aside, START_MS)) {
		snprintf(why, TPM_WHY_MAX, "the TPM does not answer within %u s", START_MS / 1000);
		return -ETIMEDOUT;
	}
	r = aside_error(quoter->aside);
	snprintf(why, TPM_WHY_MAX, "%s", quoter->why);
	return r;
}

int quoter_open(const struct tpm_options *options, struct quoter **ret_quoter,
		char why[TPM_WHY_MAX])
{
	struct quoter *quoter = calloc(1, sizeof(*quoter));
	const struct aside_options aside = {
		.room = 1, .newest = true, .work = work, .ctx = quoter
	};
	int r = -ENOMEM;

	snprintf(why, TPM_WHY_MAX, "no memory");
	if (quoter) {
		quoter->options = *options;
		quoter->pid = getpid();
		pthread_mutex_init(&quoter->mutex, NULL);
		pthread_cond_init(&quoter->hurries, NULL);
		r = aside_open(&aside, &quoter->aside);
	}
	if (r == 0)
		r = first(quoter, why);
	if (r < 0)
		quoter_close(quoter);
	else
		*ret_quoter = quoter;
	return r;
}

/* Who was forked off keeps what is there, and the next session's quotes are of that, too. */
void quoter_tell(struct quoter *quoter, const struct trail_checkpoint *checkpoint)
{
	int r;

	if (quoter->pid != getpid())
		return;
	r = aside_tell(quoter->aside, checkpoint);
	if (r < 0)
		quoter->error = r;
}

static void hurry(struct quoter *quoter)
{
	pthread_mutex_lock(&quoter->mutex);
	quoter->hurry = true;
	pthread_cond_signal(&quoter->hurries);
	pthread_mutex_unlock(&quoter->mutex);
}

int quoter_take(struct quoter *quoter, bool last, struct trail_quote *ret_quote)
{
	int r = 0;

	if (quoter->pid != getpid())
		return 0;
	if (last)
		hurry(quoter);
	if (last && !aside_wait(quoter->aside, END_MS))
		return -ETIMEDOUT;
	pthread_mutex_lock(&quoter->mutex);
	if (quoter->len) {
		*ret_quote = quoter->quotes[0];
		memmove(&quoter->quotes[0], &quoter->quotes[1],
			--quoter->len * sizeof(quoter->quotes[0]));
		r = 1;
	}
	pthread_mutex_unlock(&quoter->mutex);
	if (r == 0) {
		r = quoter->error ? quoter->error : aside_error(quoter->aside);
		quoter->error = 0;
	}
	return r;
}

void quoter_close(struct quoter *quoter)
{
	if (!quoter)
		return;
	if (quoter->aside)
		hurry(quoter);
	/* the pause is over then, in a moment */
	if (quoter->aside && quoter->pid == getpid())
		aside_wait(quoter->aside, 100);
	if (quoter->aside && !aside_close(quoter->aside))
		return; /* the TPM hangs: what it may come back to has to be there */
	pthread_mutex_destroy(&quoter->mutex);
	pthread_cond_destroy(&quoter->hurries);
	free(quoter);
}
