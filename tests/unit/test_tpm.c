// SPDX-License-Identifier: Apache-2.0
/* Trails whose checkpoints a TPM quotes, with one that is emulated. */
#include <errno.h>
#include <time.h>

#include "tpm_emulated.h"
#include "trail_file.h"
#include "user/evidence/evidence.h"
#include "user/evidence/quoted.h"
#include "user/evidence/verdict.h"
#include "user/tpm/quote_check.h"

TestSuite(tpm, .init = make_folder, .fini = remove_folder, .timeout = 60);

static struct emulated emulated;
static char ak_path[96], ak[2 * TRAIL_TPM_KEY_BYTES + 1];

static void print_key(void)
{
	char why[TPM_WHY_MAX];
	struct tpm *tpm;
	FILE *to;

	snprintf(ak_path, sizeof(ak_path), "%s/ak.pem", folder);
	cr_assert_eq(tpm_open(&emulated.options, &tpm, why), 0, "%s", why);
	to = fopen(ak_path, "w");
	cr_assert_eq(tpm_print_key(tpm, to), 0);
	fclose(to);
	tpm_close(tpm);
	cr_assert_eq(quote_key_read(ak_path, ak), 0);
}

static struct evidence_options asks(void)
{
	struct evidence_options options = { .checkpoint_every = 4, .tpm_pcr = TPM_PCR };

	snprintf(options.key, sizeof(options.key), "%s/key", folder);
	strcpy(options.tcti, emulated.options.tcti);
	options.tpm_handle = emulated.options.handle;
	return options;
}

static struct trail *begin(struct evidence **ret_evidence)
{
	struct evidence_options wants = asks();
	struct trail_options options;
	struct trail *trail;

	cr_assert_eq(evidence_open(&wants, trail_path, ret_evidence), 0);
	options = evidence_trail(*ret_evidence);
	cr_assert_eq(trail_open_with(trail_path, &options, &trail), 0);
	return trail;
}

static void write_quoted(int count)
{
	struct evidence *evidence;
	struct trail *trail = begin(&evidence);

	append_to(trail, count);
	cr_assert_eq(trail_close(trail), 0);
	evidence_close(evidence);
}

static const char *on_quote(void *ctx, const struct trail_quote *quote, const char *time)
{
	return quoted_check(ctx, quote, time);
}

static int check(struct trail_report *report, struct quoted *quoted)
{
	const struct trail_check check = { .quote = on_quote, .ctx = quoted };
	const char *path = trail_path;

	*quoted = (struct quoted) { .key = ak };
	return trail_check(&path, 1, &check, report);
}

/* As `verify --tpm-key` says. */
static int verdict(bool closed, bool only, bool now)
{
	struct files_entry file = { .path = trail_path, .kind = FILES_OURS };
	const struct verdict_options options = {
		.tpm_key = ak,
		.closed = closed,
		.tpm_only = only,
		.tpm = now ? &emulated.options : NULL,
	};

	return verdict_of(&file, 1, &options);
}

Test(tpm, quotes_the_end_of_a_trail)
{
	struct trail_report report;
	struct quoted quoted;

	if (!emulated_start(&emulated, folder))
		return;
	print_key();
	write_quoted(10);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_str_eq(report.end, "end");
	cr_expect_eq(report.quoted_seq, report.signed_seq);
	cr_expect_geq(report.quotes, 1);
	cr_expect_eq(quoted.foreign, 0);
	cr_expect_eq(quoted.apart, 0);
	cr_expect_eq(verdict(true, true, true), 0);
	emulated_halt(&emulated);
}

/* The same key each time, and the PCR goes on. */
Test(tpm, goes_on_where_it_was)
{
	struct trail_report report;
	struct quoted quoted;

	if (!emulated_start(&emulated, folder))
		return;
	print_key();
	write_quoted(3);
	write_quoted(3);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_geq(report.quotes, 2);
	cr_expect_eq(quoted.foreign, 0);
	cr_expect_eq(verdict(true, true, true), 0);
	emulated_halt(&emulated);
}

/* Chain, signatures and the clean end are all as they should be, and so is each quote. */
Test(tpm, a_trail_that_was_rolled_back_is_noticed)
{
	struct trail_report report;
	struct quoted quoted;
	size_t len;

	if (!emulated_start(&emulated, folder))
		return;
	print_key();
	write_quoted(3);
	char *early = read_file(trail_path, &len);

	write_quoted(3);
	write_file(trail_path, early, len);
	cr_expect_eq(verdict(true, true, false), 0, "of the file alone nobody can tell");
	cr_expect_eq(verdict(true, true, true), -EBADMSG, "of the TPM one can");
	/* and whoever goes on from there */
	write_quoted(3);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_eq(quoted.foreign, 1);
	cr_expect_eq(verdict(true, true, true), -EBADMSG);
	cr_expect_eq(verdict(true, false, true), 0);
	free(early);
	emulated_halt(&emulated);
}

Test(tpm, a_restart_of_the_machine_is_counted)
{
	struct trail_report report;
	struct quoted quoted;

	if (!emulated_start(&emulated, folder))
		return;
	print_key();
	write_quoted(3);
	emulated_halt(&emulated);
	emulated_boot(&emulated);
	cr_assert(emulated_answers(&emulated));
	cr_expect_eq(verdict(true, true, true), -EBADMSG, "its PCR is zero again");
	write_quoted(3);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_eq(quoted.restarts, 1);
	cr_expect_eq(quoted.foreign, 0);
	cr_expect_eq(verdict(true, true, true), 0);
	emulated_halt(&emulated);
}

/* Who has the key file, and not the TPM. */
Test(tpm, what_it_did_not_quote_does_not_hold)
{
	struct trail_options options = { .key = &key, .checkpoint_every = 4 };
	struct trail_report report;
	struct quoted quoted;

	if (!emulated_start(&emulated, folder))
		return;
	print_key();
	write_trail(trail_path, &options, 5);
	cr_expect_eq(verdict(false, false, false), -EBADMSG);
	write_quoted(3);
	cr_expect_eq(verdict(true, false, false), 0);
	write_trail(trail_path, &options, 5);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_str_eq(report.end, "end");
	cr_expect_eq(verdict(true, false, false), -EBADMSG, "its end is not quoted");
	emulated_halt(&emulated);
}

Test(tpm, nothing_starts_without_the_one_that_was_asked_for)
{
	struct evidence_options wants;
	struct evidence *evidence;

	if (!emulated_start(&emulated, folder))
		return;
	emulated_halt(&emulated);
	wants = asks();
	cr_expect_eq(evidence_open(&wants, trail_path, &evidence), -EIO);
	strcpy(wants.tcti, "device:/nowhere/tpm");
	cr_expect_eq(evidence_open(&wants, trail_path, &evidence), -EIO);
	strcpy(wants.tcti, "nonsense:");
	cr_expect_eq(evidence_open(&wants, trail_path, &evidence), -EIO);
	wants.tcti[0] = '\0';
	cr_expect_eq(evidence_open(&wants, trail_path, &evidence), 0);
	evidence_close(evidence);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Test(tpm, one_that_hangs_holds_up_nothing)
{
	struct trail_report report;
	struct evidence *evidence;
	struct quoted quoted;
	struct trail *trail;
	int64_t began;

	if (!emulated_start(&emulated, folder))
		return;
	print_key();
	trail = begin(&evidence);
	kill(emulated.pid, SIGSTOP);
	began = now_ms();
	append_to(trail, 50);
	cr_assert_eq(trail_settle(trail), 0);
	cr_expect_lt(now_ms() - began, 1000);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_eq(report.quotes, 0);
	kill(emulated.pid, SIGCONT);
	cr_assert_eq(trail_close(trail), 0);
	evidence_close(evidence);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_eq(report.quoted_seq, report.signed_seq);
	emulated_halt(&emulated);
}

Test(tpm, one_that_goes_away_leaves_the_trail)
{
	struct trail_report report;
	struct evidence *evidence;
	struct quoted quoted;
	struct trail *trail;

	if (!emulated_start(&emulated, folder))
		return;
	print_key();
	trail = begin(&evidence);
	append_to(trail, 5);
	usleep(300000);
	cr_assert_eq(trail_settle(trail), 0);
	emulated_halt(&emulated);
	append_to(trail, 5);
	cr_assert_eq(trail_close(trail), 0);
	evidence_close(evidence);
	cr_assert_eq(check(&report, &quoted), 0, "%s", report.reason);
	cr_expect_str_eq(report.end, "end");
	cr_expect_eq(report.quotes, 1);
	cr_expect_lt(report.quoted_seq, report.signed_seq);
}

/* ---- keys that are there already ---- */

static bool make_key(const char *attributes)
{
	char command[640];

	if (system("command -v tpm2_createprimary >/dev/null 2>&1")) {
		printf("SKIP no tpm2-tools here (apt-get install tpm2-tools)\n");
		return false;
	}
	snprintf(command, sizeof(command),
		 "cd %s && export TPM2TOOLS_TCTI=%s && "
		 "tpm2_createprimary -Q -C e -G rsa2048:rsassa-sha256:null -a '%s' -c ak.ctx && "
		 "tpm2_evictcontrol -Q -C o -c ak.ctx 0x81010002",
		 folder, emulated.options.tcti, attributes);
	cr_assert_eq(system(command), 0);
	return true;
}

Test(tpm, quotes_with_an_rsa_key_that_is_there)
{
	if (!emulated_start(&emulated, folder) ||
	    !make_key("restricted|sign|fixedtpm|fixedparent|sensitivedataorigin|userwithauth"))
		return;
	emulated.options.handle = 0x81010002;
	print_key();
	write_quoted(3);
	cr_expect_eq(verdict(true, true, true), 0);
	emulated_halt(&emulated);
}

/* That signs whatever looks like a quote. */
Test(tpm, an_unrestricted_key_is_none)
{
	struct evidence_options wants;
	struct evidence *evidence;

	if (!emulated_start(&emulated, folder) ||
	    !make_key("sign|fixedtpm|fixedparent|sensitivedataorigin|userwithauth"))
		return;
	emulated.options.handle = 0x81010002;
	wants = asks();
	cr_expect_eq(evidence_open(&wants, trail_path, &evidence), -EINVAL);
	emulated_halt(&emulated);
}

Test(tpm, pcrs_of_others_are_not_extended)
{
	static const unsigned int ours[] = { 8, 9, 11, 12, 13, 14, 15 };
	size_t n = 0;

	for (unsigned int pcr = 0; pcr < 32; pcr++) {
		bool is = n < sizeof(ours) / sizeof(ours[0]) && ours[n] == pcr;

		cr_expect_eq(tpm_pcr_is_ours(pcr), is, "%u", pcr);
		n += is;
	}
}
