// SPDX-License-Identifier: Apache-2.0
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "user/util.h"

size_t witness_print(const struct trail_checkpoint *c, char line[WITNESS_LINE_MAX])
{
	return (size_t)snprintf(line, WITNESS_LINE_MAX, "%s %s %" PRIu64 " %s %s %s %s", c->time,
				c->trail, c->seq, c->head, c->why, c->key, c->signature);
}

int witness_file(const char *path, const struct trail_checkpoint *checkpoint)
{
	_cleanup_close_ int fd = open(path,
				      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
					      O_NOFOLLOW | O_NONBLOCK,
				      0600);
	char line[WITNESS_LINE_MAX];
	size_t len = witness_print(checkpoint, line);
	ssize_t n;

	if (fd < 0)
		return -errno;
	line[len++] = '\n';
	n = write(fd, line, len);
	if (n < 0)
		return -errno;
	if (n != (ssize_t)len)
		return -EIO;
	return fdatasync(fd) && errno != EINVAL ? -errno : 0;
}

/* Not syslog(3), which does not tell whether anybody listened, and keeps a
 * descriptor. */
int witness_syslog(const struct trail_checkpoint *checkpoint)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char line[WITNESS_LINE_MAX], message[WITNESS_LINE_MAX + 64];
	int len;

	if (fd < 0)
		return -errno;
	witness_print(checkpoint, line);
	len = snprintf(message, sizeof(message), "<%d>enforcecore[%d]: trail %s",
		       LOG_AUTHPRIV | LOG_NOTICE, getpid(), line);
	return sendto(fd, message, (size_t)len, MSG_NOSIGNAL, (const struct sockaddr *)&to,
		      sizeof(to)) == len ?
		       0 :
		       -errno;
}

/* The word that ends at the next space, or at the end. */
static bool take(const char **at, const char *end, char *word, size_t word_size)
{
	const char *space = memchr(*at, ' ', (size_t)(end - *at));
	size_t len = (size_t)((space ? space : end) - *at);

	if (!len || len >= word_size)
		return false;
	memcpy(word, *at, len);
	word[len] = '\0';
	*at = space ? space + 1 : end;
	return true;
}

int witness_parse(const char *line, size_t line_len, struct trail_checkpoint *ret_checkpoint)
{
	struct trail_checkpoint *c = ret_checkpoint;
	const char *at = line, *end = line + line_len;
	char seq[21], *seq_end;

	if (!take(&at, end, c->time, sizeof(c->time)) ||
	    !take(&at, end, c->trail, sizeof(c->trail)) || !take(&at, end, seq, sizeof(seq)) ||
	    !take(&at, end, c->head, sizeof(c->head)) || !take(&at, end, c->why, sizeof(c->why)) ||
	    !take(&at, end, c->key, sizeof(c->key)) ||
	    !take(&at, end, c->signature, sizeof(c->signature)) || at != end)
		return -EINVAL;
	errno = 0;
	c->seq = strtoull(seq, &seq_end, 10);
	return errno || *seq_end || seq[0] < '0' || seq[0] > '9' ? -EINVAL : 0;
}
