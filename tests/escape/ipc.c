// SPDX-License-Identifier: Apache-2.0
/* ipc.c - segments, queues and keys of processes outside the tree. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

#define IPC_KEY 0xec05
#define QUEUE "/ec-escape"
#define KEYCTL_SEARCH 10 /* linux/keyctl.h */
#define KEYCTL_READ 11
#define KEYCTL_SETPERM 5
#define KEYCTL_LINK 8
#define USER_KEYRING -4
#define SESSION_KEYRING -3
#define UPCALL "/run/ec-escape-upcall"

static int segment = -1, semaphores = -1, messages = -1;
static char *shared;
static mqd_t queue = -1;

static void set_objects(void)
{
	struct shmid_ds shm = { .shm_perm = { .uid = world_uid, .gid = world_uid, .mode = 0666 } };
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 64 };
	int fd = open(at(PRIVATE), O_RDONLY | O_CLOEXEC);

	if (segment < 0 || shmctl(segment, IPC_STAT, &shm) || shm.shm_perm.__key != IPC_KEY) {
		segment = shmget(IPC_KEY, 4096, IPC_CREAT | 0666);
		shared = shmat(segment, NULL, 0);
	}
	shmctl(segment, IPC_STAT, &shm);
	shm.shm_perm.uid = world_uid;
	shm.shm_perm.mode = 0666;
	shmctl(segment, IPC_SET, &shm);
	memset(shared, 0, 64);
	if (read(fd, shared, 63) < 0)
		perror(PRIVATE);
	close(fd);
	messages = msgget(IPC_KEY, IPC_CREAT | 0666);
	semaphores = semget(IPC_KEY, 1, IPC_CREAT | 0666);
	semctl(semaphores, 0, SETVAL, 1);
	if (queue < 0) {
		mq_unlink(QUEUE);
		umask(0);
		queue = mq_open(QUEUE, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666, &attr);
	}
}

static void by_shm_read(void)
{
	char *bytes = shmat(shmget(IPC_KEY, 0, 0), NULL, SHM_RDONLY);

	if (bytes == (void *)-1)
		return note("shmat");
	home(bytes, strlen(bytes));
}

static void by_shm_write(void)
{
	char *bytes = shmat(shmget(IPC_KEY, 0, 0), NULL, 0);

	if (bytes == (void *)-1)
		return note("shmat");
	strcpy(bytes, "PWNED");
}

static bool shm_changed(void)
{
	return memcmp(shared, "SECRET", 6) != 0;
}

static void by_shm_remove(void)
{
	if (shmctl(shmget(IPC_KEY, 0, 0), IPC_RMID, NULL))
		note("shmctl");
}

static bool shm_removed(void)
{
	return shmget(IPC_KEY, 0, 0) < 0;
}

static void by_msgsnd(void)
{
	struct {
		long type;
		char text[8];
	} message = { 1, "hello" };

	if (msgsnd(msgget(IPC_KEY, 0), &message, sizeof(message.text), IPC_NOWAIT))
		note("msgsnd");
}

static bool msg_came(void)
{
	struct {
		long type;
		char text[8];
	} message;

	return msgrcv(messages, &message, sizeof(message.text), 0, IPC_NOWAIT) > 0;
}

static void by_semop(void)
{
	struct sembuf take = { 0, -1, IPC_NOWAIT };

	if (semop(semget(IPC_KEY, 0, 0), &take, 1))
		note("semop");
}

static void by_semctl(void)
{
	if (semctl(semget(IPC_KEY, 0, 0), 0, SETVAL, 0))
		note("semctl");
}

static bool taken(void)
{
	return semctl(semaphores, 0, GETVAL) == 0;
}

static void by_mq(void)
{
	mqd_t mine = mq_open(QUEUE, O_WRONLY);

	if (mine < 0 || mq_send(mine, "hello", 5, 0))
		note("mq_send");
}

static bool mq_came(void)
{
	char text[64];

	return mq_receive(queue, text, sizeof(text), NULL) > 0;
}

/* A key in the keyring of the attacker's user, put there before. */
static void set_key(void)
{
	char secret[64] = { 0 };
	int fd = open(at(PRIVATE), O_RDONLY | O_CLOEXEC);
	pid_t pid;

	if (read(fd, secret, sizeof(secret) - 1) < 0)
		perror(PRIVATE);
	close(fd);
	pid = fork();
	if (!pid) {
		if (setgid(world_uid) || setuid(world_uid))
			_exit(1);
		long key = syscall(SYS_add_key, "user", "ec-escape", secret, strlen(secret),
				   USER_KEYRING);

		syscall(SYS_keyctl, KEYCTL_SETPERM, key, 0x3f3f0000);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void by_key(void)
{
	char bytes[64] = { 0 };
	long key;

	syscall(SYS_keyctl, KEYCTL_LINK, USER_KEYRING, SESSION_KEYRING);
	key = syscall(SYS_keyctl, KEYCTL_SEARCH, USER_KEYRING, "user", "ec-escape", 0);
	if (key < 0 || syscall(SYS_keyctl, KEYCTL_READ, key, bytes, sizeof(bytes)) < 0)
		return note("keyctl");
	home(bytes, strlen(bytes));
}

/* The kernel starts /sbin/request-key for a key that is not there: nobody's child. */
static void set_upcall(void)
{
	unlink(UPCALL);
	put("/sbin/request-key", "#!/bin/sh\n: >" UPCALL "\n");
	chmod("/sbin/request-key", 0755);
}

static void by_request_key(void)
{
	syscall(SYS_request_key, "user", "ec-no-such-key", "callout", SESSION_KEYRING);
}

static bool called_up(void)
{
	return !access(UPCALL, F_OK);
}

#define IPC(name, hook, attempt, happened)                                                         \
	{                                                                                          \
		name, hook, "EPERM", ALL, 0, 0, NULL, set_objects, attempt, happened, NULL         \
	}
static const struct technique techniques[] = {
	IPC("shmat for reading", "ipc_permission", by_shm_read, looted),
	IPC("shmat for writing", "ipc_permission", by_shm_write, shm_changed),
	{ "shmctl IPC_RMID", "shm_shmctl", "EPERM", STRICT, 0, 0, NULL, set_objects, by_shm_remove,
	  shm_removed, NULL },
	IPC("msgsnd", "ipc_permission", by_msgsnd, msg_came),
	IPC("semop", "ipc_permission", by_semop, taken),
	IPC("semctl SETVAL", "ipc_permission", by_semctl, taken),
	IPC("mq_send", "file_open", by_mq, mq_came),
	{ "key of the user's", "key_permission", "EPERM", ROOTS, 0, 0, NULL, set_key, by_key,
	  looted, NULL },
	{ "request_key starts a program", "key_alloc, key_permission", "EPERM", ALL, 0, 0, NULL,
	  set_upcall, by_request_key, called_up, NULL },
};
const struct subject subject_ipc = SUBJECT("ipc", techniques);
