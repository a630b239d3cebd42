// SPDX-License-Identifier: Apache-2.0
#include "trail_key.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/util.h"

#define SEED_LEN crypto_sign_SEEDBYTES
#define SEED_HEX (2 * SEED_LEN)

const char *trail_key_path(void)
{
	const char *path = getenv("ENFORCECORE_TRAIL_KEY");

	return path && *path ? path : "/var/lib/enforcecore/trail.key";
}

/* Who may write to the folder may put another key there. */
static int check_folder(const char *path)
{
	char copy[PATH_MAX];
	struct stat st;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	if (stat(dirname(copy), &st))
		return -errno;
	if ((st.st_uid && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX)))
		return -EACCES;
	return 0;
}

static int make_folder(const char *path)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	return mkdir(dirname(copy), 0700) && errno != EEXIST ? -errno : 0;
}

static int write_seed(int fd, const unsigned char seed[SEED_LEN])
{
	char text[SEED_HEX + 2];
	ssize_t n;

	sodium_bin2hex(text, sizeof(text), seed, SEED_LEN);
	text[SEED_HEX] = '\n';
	n = write(fd, text, SEED_HEX + 1);
	sodium_memzero(text, sizeof(text));
	return n != (ssize_t)SEED_HEX + 1 ? -EIO : fsync(fd) ? -errno : 0;
}

/* Complete under another name first: who reads it meanwhile, or makes one too,
 * sees all of one key. */
static int make_key(const char *path)
{
	unsigned char seed[SEED_LEN];
	char next[PATH_MAX];
	int r = make_folder(path);

	if (r < 0)
		return r;
	if (snprintf(next, sizeof(next), "%s.%d", path, getpid()) >= (int)sizeof(next))
		return -ENAMETOOLONG;
	_cleanup_close_ int fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				      0600);
	if (fd < 0)
		return -errno;
	randombytes_buf(seed, sizeof(seed));
	r = write_seed(fd, seed);
	sodium_memzero(seed, sizeof(seed));
	if (r == 0 && link(next, path) && errno != EEXIST)
		r = -errno;
	unlink(next);
	return r;
}

static int read_key(int fd, struct trail_key *key)
{
	unsigned char seed[SEED_LEN], public[crypto_sign_PUBLICKEYBYTES];
	char text[SEED_HEX + 2];
	struct stat st;
	ssize_t n;
	int r = -EBADMSG;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || (st.st_uid && st.st_uid != geteuid()) || st.st_mode & 077)
		return -EACCES;
	n = read(fd, text, sizeof(text));
	if (n >= (ssize_t)SEED_HEX && (n == (ssize_t)SEED_HEX || text[SEED_HEX] == '\n') &&
	    !sodium_hex2bin(seed, sizeof(seed), text, SEED_HEX, NULL, NULL, NULL) &&
	    !crypto_sign_seed_keypair(public, key->secret, seed)) {
		sodium_bin2hex(key->public, sizeof(key->public), public, sizeof(public));
		r = 0;
	}
	sodium_memzero(text, sizeof(text));
	sodium_memzero(seed, sizeof(seed));
	return r;
}

int trail_key_open(const char *path, bool make, struct trail_key *ret_key)
{
	_cleanup_close_ int fd = -1;
	int r = sodium_init() < 0 ? -ENOSYS : 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (r == 0 && fd < 0 && errno == ENOENT && make) {
		r = make_key(path);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (r == 0 && fd < 0)
		r = -errno;
	if (r == 0)
		r = check_folder(path);
	return r < 0 ? r : read_key(fd, ret_key);
}

void trail_key_done(struct trail_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

static int parse_public(const char *text, size_t len, char ret_public[TRAIL_KEY_SIZE])
{
	unsigned char bytes[crypto_sign_PUBLICKEYBYTES];
	size_t n;

	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	if (len != TRAIL_KEY_SIZE - 1 ||
	    sodium_hex2bin(bytes, sizeof(bytes), text, len, NULL, &n, NULL) || n != sizeof(bytes))
		return -EINVAL;
	sodium_bin2hex(ret_public, TRAIL_KEY_SIZE, bytes, sizeof(bytes));
	return 0;
}

int trail_key_public(const char *text, char ret_public[TRAIL_KEY_SIZE])
{
	char from_file[128];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	if (!parse_public(text, strlen(text), ret_public))
		return 0;
	fd = open(text, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? -EINVAL : -errno;
	n = read(fd, from_file, sizeof(from_file));
	return n < 0 ? -errno : parse_public(from_file, (size_t)n, ret_public);
}
