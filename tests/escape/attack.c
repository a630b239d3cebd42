// SPDX-License-Identifier: Apache-2.0
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void note(const char *what)
{
	dprintf(2, "%s: %s; ", what, strerror(errno));
}

void home(const void *bytes, size_t len)
{
	if (write(1, bytes, len) != (ssize_t)len)
		note("home");
}

void loot_fd(int fd)
{
	char bytes[4096];
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

	if (n < 0 && errno == ESPIPE)
		n = read(fd, bytes, sizeof(bytes));
	if (n < 0)
		note("read");
	else
		home(bytes, (size_t)n);
}

void loot_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return note(path);
	loot_fd(fd);
	close(fd);
}

pid_t helper(void)
{
	return getppid();
}

void *low(const void *bytes, size_t len)
{
	static char *page;
	static size_t used;
	char *at;

	if (!page)
		page = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	at = page + used;
	memcpy(at, bytes, len);
	used += (len + 15) & ~15ul;
	return at;
}

long compat(long nr, long a, long b, long c, long d, long e)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	if ((int)r < 0 && (int)r > -4096) {
		errno = -(int)r;
		return -1;
	}
	return (int)r;
}

long uring(const struct io_uring_sqe *entry, unsigned int ring_flags)
{
	struct io_uring_params params = { .flags = ring_flags, .sq_thread_idle = 50 };
	int fd = (int)syscall(SYS_io_uring_setup, 4, &params);
	unsigned int *tail, *head, *mask, *flags;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	char *ring;

	if (fd < 0) {
		note("io_uring_setup");
		return -errno;
	}
	ring = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*cqes),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, params.sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
	if (ring == MAP_FAILED || sqes == MAP_FAILED) {
		note("io_uring mmap");
		return -errno;
	}
	sqes[0] = *entry;
	((unsigned int *)(ring + params.sq_off.array))[0] = 0;
	tail = (void *)(ring + params.sq_off.tail);
	flags = (void *)(ring + params.sq_off.flags);
	__atomic_store_n(tail, *tail + 1, __ATOMIC_SEQ_CST);
	if (ring_flags & IORING_SETUP_SQPOLL)
		syscall(SYS_io_uring_enter, fd, 1, 1,
			IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP, NULL, 0);
	else if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		note("io_uring_enter");
	(void)flags;
	head = (void *)(ring + params.cq_off.head);
	mask = (void *)(ring + params.cq_off.ring_mask);
	tail = (void *)(ring + params.cq_off.tail);
	cqes = (void *)(ring + params.cq_off.cqes);
	for (int i = 0; i < 2000 && __atomic_load_n(tail, __ATOMIC_SEQ_CST) == *head; i++)
		usleep(1000);
	if (__atomic_load_n(tail, __ATOMIC_SEQ_CST) == *head)
		return -ETIME;
	if (cqes[*head & *mask].res < 0) {
		errno = -cqes[*head & *mask].res;
		note("io_uring");
	}
	return cqes[*head & *mask].res;
}

void run(const char *program, const char *a, const char *b)
{
	char *const argv[] = { (char *)(uintptr_t)program, (char *)(uintptr_t)a,
			       (char *)(uintptr_t)b, NULL };
	char *const env[] = { NULL };

	execve(program, argv, env);
	note(program);
}

const unsigned char code_42[6] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov $42, %eax; ret */

void run_code(void *code)
{
	int (*function)(void);

	if (code == MAP_FAILED)
		return note("mmap");
	memcpy(&function, &code, sizeof(function));
	if (function() == 42)
		home("BORN", 4);
}
