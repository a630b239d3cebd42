// SPDX-License-Identifier: Apache-2.0
#include "trail.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trail_impl.h"
#include "trail_tail.h"

int trail_open_locked(const char *path, int flags)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags,
		      0600);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (flock(fd, LOCK_EX | LOCK_NB))
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static void make_id(char ret_id[TRAIL_ID_SIZE])
{
	unsigned char bytes[(TRAIL_ID_SIZE - 1) / 2];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(ret_id, TRAIL_ID_SIZE, bytes, sizeof(bytes));
}

int trail_begin(struct trail *trail)
{
	struct trail_first first;
	struct stat st;
	int err = fstat(trail->fd, &st) ? -errno : trail_first_read(trail->fd, &first);

	if (err)
		return err;
	memcpy(trail->id, first.id, sizeof(trail->id));
	if (!*trail->id)
		make_id(trail->id);
	trail->segment = first.segment;
	trail->began = first.time;
	trail->size = st.st_size;
	return 0;
}

/* A file that nobody knew of before has to be in its folder after a power cut. */
static int begin(struct trail *trail)
{
	int err = trail_begin(trail);

	if (!err)
		err = trail_resume(trail);
	if (err)
		return err;
	trail->signed_seq = trail->seq;
	if (!trail->seq && trail->options.sync != TRAIL_SYNC_NONE)
		trail_sync_folder(trail);
	if (trail->options.append_only && (err = trail_mark(trail->fd, true)))
		trail_trouble(trail, "it cannot be marked append-only", err);
	trail_mend_segments(trail);
	return 0;
}

int trail_sync_folder(const struct trail *trail)
{
	char path[PATH_MAX];
	int fd, err;

	strcpy(path, trail->path);
	fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

static void trail_free(struct trail *trail)
{
	if (trail->fd >= 0) {
		/* a child may still have the descriptor, and with it the lock */
		flock(trail->fd, LOCK_UN);
		close(trail->fd);
	}
	trail_text_done(&trail->text);
	free(trail->waiting);
	free(trail->weights);
	free(trail);
}

int trail_open_with(const char *path, const struct trail_options *options, struct trail **ret_trail)
{
	struct trail *trail;
	int err;

	if (sodium_init() < 0)
		return -ENOSYS;
	trail = calloc(1, sizeof(*trail));
	if (!trail)
		return -ENOMEM;
	trail->options = *options;
	trail->second = -1;
	err = trail->fd = trail_open_locked(path, 0);
	if (err >= 0 && snprintf(trail->path, sizeof(trail->path), "%s", path) >= PATH_MAX)
		err = -ENAMETOOLONG;
	if (err >= 0)
		err = begin(trail);
	if (err < 0) {
		trail_free(trail);
		return err;
	}
	*ret_trail = trail;
	return 0;
}

int trail_open(const char *path, struct trail **ret_trail)
{
	static const struct trail_options none;

	return trail_open_with(path, &none, ret_trail);
}

static bool sets_our_keys(const struct cJSON *record)
{
	static const char *const ours[] = { "seq", "time", "prev", "trail" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (cJSON_HasObjectItem(record, ours[i]))
			return true;
	return false;
}

/* In trail->text, with its newline. Checks it as the verifier will: a raw item in
 * record must not be able to break it, and only we write of the chain itself. */
static int make_line(struct trail *trail, const struct cJSON *record)
{
	struct trail_text *text = &trail->text;
	struct trail_line parsed;
	char now[TRAIL_TIME_SIZE];

	trail_now(trail, now);
	text->len = 0;
	trail_text_format(text, "{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"prev\":\"%s\"",
			  trail->seq + 1, now, trail->head);
	trail_text_members(text, record);
	if (!trail->seq)
		trail_text_format(text, ",\"trail\":\"%s\"", trail->id);
	trail_text_add(text, "}\n", 2);
	if (text->failed) {
		trail_text_done(text);
		return -ENOMEM;
	}
	if (text->len > TRAIL_LINE_MAX)
		return -E2BIG;
	if (memchr(text->at, '\n', text->len - 1) ||
	    trail_line_read(text->at, text->len - 1, &parsed) || parsed.kind != TRAIL_OTHER)
		return -EINVAL;
	return 0;
}

static int append(struct trail *trail, const struct cJSON *record)
{
	int err;

	if (!cJSON_IsObject(record) || sets_our_keys(record))
		return -EINVAL;
	err = trail_ready(trail);
	if (!err)
		err = make_line(trail, record);
	if (!err)
		err = trail_write_line(trail, trail->text.at, trail->text.len);
	return err;
}

int trail_ready(struct trail *trail)
{
	int err = trail->sync_error ?: trail_flush(trail);

	return err ?: trail->torn ? trail_resume(trail) : 0;
}

void trail_recorded(struct trail *trail)
{
	const struct trail_options *options = &trail->options;
	int more = 0;

	if (options->checkpoint_every &&
	    trail->seq - trail->signed_seq >= options->checkpoint_every)
		more = trail_write_checkpoint(trail, "count");
	if (more)
		trail_trouble(trail, "a checkpoint could not be written", more);
	trail_next_segment(trail);
}

int trail_append(struct trail *trail, struct cJSON *record)
{
	int err = append(trail, record);

	cJSON_Delete(record);
	if (!err)
		trail_recorded(trail);
	return err;
}

int trail_settle(struct trail *trail)
{
	int err = trail_flush(trail);

	if (err)
		return err;
	trail_write_quotes(trail, false);
	if (trail->options.sync != TRAIL_SYNC_RECORD || !trail->unsynced)
		return trail->sync_error;
	return trail_sync(trail);
}

void trail_follow(struct trail *trail)
{
	trail->torn = trail->follows = true;
	trail->waiting_len = trail->waiting_records = 0; /* those are the other's */
	trail->seal = NULL;				 /* a thread of the other process */
}

int trail_fd(const struct trail *trail)
{
	return trail->fd;
}

struct trail_tally trail_take_tally(struct trail *trail)
{
	struct trail_tally tally = trail->tally;

	trail->tally = (struct trail_tally) { 0 };
	return tally;
}

int trail_sync(struct trail *trail)
{
	int err = trail_flush(trail);

	if (!trail->sync_error && fdatasync(trail->fd))
		trail->sync_error = -errno;
	trail->unsynced = false;
	return trail->sync_error ?: err;
}

int trail_close(struct trail *trail)
{
	int unwritten, err, sync_err, sealed;
	struct trail_options options;

	if (!trail)
		return 0;
	options = trail->options;
	unwritten = trail_flush(trail);
	err = trail->torn ? trail_resume(trail) : 0;
	if (!err)
		err = trail_write_checkpoint(trail, trail->follows ? "lost" : "end");
	if (!err)
		trail_write_quotes(trail, true);
	sync_err = trail_sync(trail);
	if ((sealed = trail_seal_end(trail->seal)))
		trail_trouble(trail, "an older file could not be compressed", sealed);
	trail_free(trail);
	if (options.closed)
		options.closed(options.ctx);
	return unwritten ?: err ?: sync_err;
}
