// SPDX-License-Identifier: Apache-2.0
/*
 * threads.c FILE SHARED - four threads, and a child after the other, each of which reads
 * FILE again and again; SHARED counts who could and who could not, in memory that was
 * mapped before anybody had a say in it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4

struct counts {
	volatile uint32_t could, could_not;
};

static struct counts *counts; /* of main's children, then of each thread */
static const char *path;

static void try(struct counts *mine)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, &byte, 1) == 1)
		mine->could++;
	else
		mine->could_not++;
	if (fd >= 0)
		close(fd);
}

static void *thread(void *arg)
{
	for (;;) {
		try(&counts[1 + (size_t)arg]);
		usleep(5000);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	size_t len = sizeof(*counts) * (1 + THREADS);
	int fd = argc == 3 ? open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd < 0 || ftruncate(fd, (off_t)len))
		return 2;
	path = argv[1];
	counts = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (counts == MAP_FAILED)
		return 2;
	for (size_t i = 0; i < THREADS; i++) {
		pthread_t id;

		if (pthread_create(&id, NULL, thread, (void *)i))
			return 2;
	}
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			try(&counts[0]);
			_exit(0);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
		usleep(5000);
	}
}
