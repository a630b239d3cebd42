// SPDX-License-Identifier: Apache-2.0
/*
 * endpoint_host.c - names of hosts. The agent's resolver tells the kernel which
 * names an address has; what it never asks a resolver for, because a file of
 * this machine says it, is known here by its address.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bpf/rule.h"
#include "endpoint.h"
#include "policy/grow.h"

#define HOSTS_LINE_MAX 4096
#define HOSTS_LINES_MAX 100000 /* lists against advertising have as many */

bool endpoint_is_any(const struct endpoint *endpoint)
{
	return endpoint->kind == ENDPOINT_INET && !endpoint->prefix;
}

static size_t plain_len(const char *name)
{
	size_t len = strlen(name);

	return len && name[len - 1] == '.' ? len - 1 : len;
}

/* The ports of one high byte. */
static void add_ports(struct nfa *nfa, const struct endpoint *e, unsigned int first,
		      unsigned int last, unsigned int low, unsigned int low_last, uint64_t entry)
{
	size_t len = e->kind == ENDPOINT_INET ? 0 : plain_len(e->text);

	/* a star may run over the end of the name, but what follows it has one
	 * length: the last bytes stay those of the port */
	nfa_begin(nfa, false);
	nfa_item(nfa, NFA_BYTE, EC_STRING_HOST);
	if (e->kind != ENDPOINT_HOST) {
		nfa_any_byte(nfa, true); /* a label at least */
		nfa_item(nfa, NFA_STAR, 0);
	}
	if (e->kind == ENDPOINT_SUFFIX)
		nfa_item(nfa, NFA_BYTE, '.');
	for (size_t i = 0; i < len; i++)
		nfa_item(nfa, NFA_BYTE, (uint8_t)tolower((unsigned char)e->text[i]));
	nfa_item(nfa, NFA_BYTE, 0);
	endpoint_add_range(nfa, first, last);
	endpoint_add_range(nfa, low, low_last);
	nfa_accept(nfa, NFA_ACCEPT, entry);
}

void endpoint_add_host(struct nfa *nfa, const struct endpoint *e, uint64_t entry)
{
	endpoint_each_ports(nfa, e, add_ports, entry);
}

size_t endpoint_host_string(const struct endpoint *e, uint8_t to[ENDPOINT_HOST_LEN])
{
	size_t len = plain_len(e->text);

	to[0] = EC_STRING_HOST;
	for (size_t i = 0; i < len; i++)
		to[1 + i] = (uint8_t)tolower((unsigned char)e->text[i]);
	to[1 + len] = 0;
	to[2 + len] = (uint8_t)(e->first_port >> 8);
	to[3 + len] = (uint8_t)e->first_port;
	return 4 + len;
}

static bool is_name(const struct endpoint *host, const char *name)
{
	size_t len = plain_len(host->text);

	return plain_len(name) == len && !strncasecmp(name, host->text, len);
}

static bool is_localhost(const struct endpoint *host)
{
	static const char local[] = "localhost";
	size_t len = plain_len(host->text), end = sizeof(local) - 1;

	return len >= end && !strncasecmp(host->text + len - end, local, end) &&
	       (len == end || host->text[len - end - 1] == '.');
}

static int tell(const struct endpoint *host, const char *address,
		int (*each)(void *ctx, const struct endpoint *inet), void *ctx)
{
	struct endpoint inet = *host;

	inet.kind = ENDPOINT_INET;
	inet.prefix = 128;
	memset(inet.address, 0, sizeof(inet.address));
	if (inet_pton(AF_INET, address, inet.address + 12) == 1)
		inet.address[10] = inet.address[11] = 0xff;
	else if (inet_pton(AF_INET6, address, inet.address) != 1)
		return 0;
	return each(ctx, &inet) < 0 ? -ECANCELED : 1;
}

static int read_line(const struct endpoint *host, char *line,
		     int (*each)(void *ctx, const struct endpoint *inet), void *ctx)
{
	static const char blanks[] = " \t\r\n";
	char *save = NULL, *address;

	line[strcspn(line, "#")] = '\0';
	address = strtok_r(line, blanks, &save);
	for (char *name; address && (name = strtok_r(NULL, blanks, &save));)
		if (is_name(host, name))
			return tell(host, address, each, ctx);
	return 0;
}

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

int endpoint_hosts(const struct endpoint *host, int root_fd,
		   int (*each)(void *ctx, const struct endpoint *inet), void *ctx)
{
	_cleanup_fd_ int fd = root_fd < 0 ? -1 : openat(root_fd, "etc/hosts", O_RDONLY | O_CLOEXEC);
	__attribute__((cleanup(close_file))) FILE *file = NULL;
	char line[HOSTS_LINE_MAX];
	int found = 0, r;

	if (fd >= 0 && (file = fdopen(fd, "r")))
		fd = -1;
	for (size_t i = 0; file && i < HOSTS_LINES_MAX && fgets(line, sizeof(line), file); i++) {
		r = read_line(host, line, each, ctx);
		if (r < 0)
			return r;
		found += r;
	}
	if (found || !is_localhost(host))
		return found;
	/* RFC 6761: whatever resolves it, it is this machine */
	if ((r = tell(host, "127.0.0.1", each, ctx)) < 0 || (r = tell(host, "::1", each, ctx)) < 0)
		return r;
	return 2;
}
