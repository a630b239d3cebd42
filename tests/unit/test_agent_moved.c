// SPDX-License-Identifier: Apache-2.0
/* Bytes that tasks moved, from the kernel's entries and from /proc. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/sensor/agent_impl.h"
#include "user/sensor/agent_moved.h"

static struct ec_agent shared;
static struct sensor sensor;
static struct agent agent = { .sensor = &sensor, .shared = &shared };
static struct agent_moved told[EC_MOVED_MAX + EC_MOVED_SUMS + 1];
static size_t told_len;

static void begin(void)
{
	sensor.moved = calloc(1, sizeof(*sensor.moved));
}

static void end(void)
{
	free(sensor.moved);
}

TestSuite(agent_moved, .init = begin, .fini = end);

static void tell(void *ctx, const struct agent_moved *moved)
{
	(void)ctx;
	told[told_len++] = *moved;
}

static size_t ask(void)
{
	told_len = 0;
	agent_moved(&agent, tell, NULL);
	return told_len;
}

static struct ec_moved_half *half(void)
{
	return &sensor.moved->half[shared.moved_epoch & 1];
}

/* As bpf/moved.bpf.c takes a place. */
static struct ec_moved *enter(const struct ec_moved *moved)
{
	uint32_t at = (uint32_t)__builtin_ctzll(~half()->busy);

	half()->busy |= 1ull << at;
	half()->at[at] = *moved;
	half()->at[at].epoch = shared.moved_epoch;
	return &half()->at[at];
}

Test(agent_moved, what_was_before_the_first_question_is_not_told)
{
	cr_assert_eq(shared.moved_epoch, 0, "the kernel counts nothing");
	cr_assert_eq(ask(), 0);
	cr_assert_neq(shared.moved_epoch, 0);
}

Test(agent_moved, those_that_ended_are_told_together)
{
	ask();
	half()->sum[0] = (struct ec_moved_sum) { .read = 1234, .written = 5 };
	half()->sum[3] = (struct ec_moved_sum) { .call = 7, .sent = 9 };
	cr_assert_eq(ask(), 2);
	cr_assert_eq(told[0].call, 0);
	cr_assert_eq(told[0].read, 1234);
	cr_assert_eq(told[0].written, 5);
	cr_assert_eq(told[1].call, 7);
	cr_assert_eq(told[1].sent, 9);
	cr_assert_eq(told[0].unknown + told[1].unknown, 0);
	cr_assert_eq(ask(), 0, "it is told once");
	cr_assert_eq(ask(), 0, "and its half is used again");
}

Test(agent_moved, who_ends_from_now_on_is_left_to_us)
{
	struct ec_moved_half *before;

	ask();
	enter(&(struct ec_moved) { .tgid = (uint32_t)getpid(), .pid = (uint32_t)getpid() });
	before = half();
	cr_assert_eq(ask(), 1);
	cr_assert_eq(before->busy, 0, "its end adds nothing to a sum");
}

Test(agent_moved, of_one_that_lives_the_numbers_of_now_count)
{
	char bytes[4096] = { 0 };
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	uint32_t self = (uint32_t)syscall(SYS_gettid);
	struct ec_moved *moved;

	ask();
	enter(&(struct ec_moved) { .tgid = (uint32_t)getpid(), .pid = self });
	cr_assert_eq(ask(), 1);
	moved = enter(&(struct ec_moved) {
		.read = told[0].read, .written = told[0].written, .tgid = (uint32_t)getpid() });
	moved->pid = self;
	cr_assert_eq(read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	cr_assert_eq(write(fd, bytes, 100), 100);
	close(fd);
	cr_assert_eq(ask(), 1);
	cr_assert_geq(told[0].read, sizeof(bytes));
	cr_assert_lt(told[0].read, sizeof(bytes) + 4096, "and what reading /proc took");
	cr_assert_geq(told[0].written, 100);
}

Test(agent_moved, what_it_moves_while_it_is_asked_about_is_of_the_next_epoch)
{
	uint32_t self = (uint32_t)getpid();

	ask();
	enter(&(struct ec_moved) { .read = 100, .written = 10, .tgid = self, .pid = self });
	/* as if it had begun again right after the epoch did, and moved a lot */
	sensor.moved->half[(shared.moved_epoch + 1) & 1].at[5] = (struct ec_moved) {
		.read = 107, .written = 10, .pid = self, .epoch = shared.moved_epoch + 1
	};
	cr_assert_eq(ask(), 1);
	cr_assert_eq(told[0].read, 7);
	cr_assert_eq(told[0].written, 0);
}

Test(agent_moved, one_that_nobody_knows_of_is_unknown)
{
	ask();
	enter(&(struct ec_moved) { .sent = 3, .tgid = 0x7fffffff, .pid = 0x7fffffff });
	/* an outsider's numbers, or another task that has its number by now */
	enter(&(struct ec_moved) {
		.read = 1ull << 62, .tgid = (uint32_t)getpid(), .pid = (uint32_t)getpid() });
	cr_assert_eq(ask(), 2);
	cr_assert_eq(told[0].unknown, 1);
	cr_assert_eq(told[0].sent, 3, "what it sent the kernel knows");
	cr_assert_eq(told[1].unknown, 1);
	cr_assert_eq(told[1].read, 0);
}

Test(agent_moved, tasks_that_found_no_place_are_counted)
{
	ask();
	half()->lost = 5;
	cr_assert_eq(ask(), 1);
	cr_assert_eq(told[0].unknown, 5);
}

Test(agent_moved, an_entry_that_is_not_whole_or_of_another_epoch_is_left_out)
{
	ask();
	enter(&(struct ec_moved) { .pid = 1 })->epoch = shared.moved_epoch - 2;
	cr_assert_eq(ask(), 0);
}

Test(agent_moved, the_epoch_that_means_none_never_comes)
{
	shared.moved_epoch = UINT32_MAX;
	ask();
	cr_assert_eq(shared.moved_epoch, 2, "and halves go on in turn");
}
