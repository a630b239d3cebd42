// SPDX-License-Identifier: Apache-2.0
/*
 * report_page.c - page.html with its parts in it. What the page may do is in its
 * policy (CSP): run this script and apply this style, by their hashes, and nothing
 * else; text becomes no markup, not even by the script.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "report_impl.h"
#include "user/embed.h"

EMBED(report_page_html, "user/report/page.html");
EMBED(report_page_css, "user/report/page.css");
EMBED(report_text_js, "user/report/text.js");
EMBED(report_data_js, "user/report/data.js");
EMBED(report_entries_js, "user/report/entries.js");
EMBED(report_filter_js, "user/report/filter.js");
EMBED(report_list_js, "user/report/list.js");
EMBED(report_rows_js, "user/report/rows.js");
EMBED(report_chart_js, "user/report/chart.js");
EMBED(report_summary_js, "user/report/summary.js");
EMBED(report_tree_js, "user/report/tree.js");
EMBED(report_detail_js, "user/report/detail.js");
EMBED(report_print_js, "user/report/print.js");
EMBED(report_main_js, "user/report/main.js");

/* In this order: what a file uses at once stands before it. */
static const char *const scripts[] = {
	report_text_js, report_data_js,	  report_entries_js, report_filter_js,
	report_list_js, report_rows_js,	  report_chart_js,   report_summary_js,
	report_tree_js, report_detail_js, report_print_js,   report_main_js,
};
static const char *const styles[] = { report_page_css };

static void put_all(const char *const *texts, size_t len, FILE *to)
{
	for (size_t i = 0; i < len; i++)
		fputs(texts[i], to);
}

static void put_hash(const char *const *texts, size_t len, FILE *to)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	char text[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_ORIGINAL)];

	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < len; i++)
		crypto_hash_sha256_update(&state, (const unsigned char *)texts[i],
					  strlen(texts[i]));
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
	fprintf(to, "'sha256-%s'", text);
}

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static int put_title(const struct report_page *page, FILE *to)
{
	const char *name = strrchr(page->path, '/');

	report_put_html(name ? name + 1 : page->path, to);
	return 0;
}

static int put_csp(const struct report_page *page, FILE *to)
{
	(void)page;
	fputs("default-src 'none'; script-src ", to);
	put_hash(scripts, LEN(scripts), to);
	fputs("; style-src ", to);
	put_hash(styles, LEN(styles), to);
	fputs("; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
	      "trusted-types 'none'",
	      to);
	return 0;
}

static int put_style(const struct report_page *page, FILE *to)
{
	(void)page;
	put_all(styles, LEN(styles), to);
	return 0;
}

static int put_script(const struct report_page *page, FILE *to)
{
	(void)page;
	put_all(scripts, LEN(scripts), to);
	return 0;
}

/* In words, for who has no script; the page's script says the same in its own. */
static int put_verdict(const struct report_page *page, FILE *to)
{
	const struct trail_report *trail = &page->result->trail;

	if (page->holds < 0) {
		fprintf(to, "The chain does not hold at line %" PRIu64 ": ", trail->bad_line);
		report_put_html(trail->reason, to);
	} else {
		fprintf(to, "The chain holds: %" PRIu64 " lines, head %s", trail->lines,
			*trail->head ? trail->head : "none");
	}
	fprintf(to, ". %" PRIu64 " denied, %" PRIu64 " would have been, %" PRIu64 " calls refused.",
		page->totals->denials, page->totals->would_deny, page->totals->refused);
	return 0;
}

static int put_totals(const struct report_page *page, FILE *to)
{
	const struct trail_report *trail = &page->result->trail;
	const struct report_totals *totals = page->totals;
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {
		{ "records", totals->records },
		{ "denials", totals->denials },
		{ "wouldDeny", totals->would_deny },
		{ "refused", totals->refused },
		{ "calls", totals->calls },
		{ "effects", totals->effects },
		{ "drift", totals->drift },
		{ "sessions", totals->sessions },
		{ "lost", totals->lost },
		{ "lines", trail->lines },
		{ "recovered", trail->recovered },
		{ "torn", trail->torn_len },
		{ "badLine", trail->bad_line },
	};

	fputs("{\"file\":", to);
	report_put_text(page->path, to);
	for (size_t i = 0; i < LEN(counts); i++)
		fprintf(to, ",\"%s\":%" PRIu64, counts[i].name, counts[i].count);
	fprintf(to, ",\"head\":\"%s\",\"holds\":%s,\"reason\":", trail->head,
		page->holds < 0 ? "false" : "true");
	report_put_text(trail->reason, to);
	fputs(",\"first\":", to);
	report_put_text(totals->first, to);
	fputs(",\"last\":", to);
	report_put_text(totals->last, to);
	fputc('}', to);
	return 0;
}

static int put_data(const struct report_page *page, FILE *to)
{
	return page->put_data(page->ctx, to);
}

static int put_part(const struct report_page *page, const char *name, size_t len, FILE *to)
{
	static const struct {
		const char *name;
		int (*put)(const struct report_page *page, FILE *to);
	} parts[] = {
		{ "title", put_title },	  { "csp", put_csp },	      { "style", put_style },
		{ "script", put_script }, { "verdict", put_verdict }, { "totals", put_totals },
		{ "data", put_data },
	};

	for (size_t i = 0; i < LEN(parts); i++)
		if (strlen(parts[i].name) == len && !memcmp(parts[i].name, name, len))
			return parts[i].put(page, to);
	return -EINVAL;
}

int report_put_page(const struct report_page *page, FILE *to)
{
	const char *at = report_page_html, *open, *close;
	int r = 0;

	while (r == 0 && (open = strstr(at, "{{")) && (close = strstr(open, "}}"))) {
		fwrite(at, 1, (size_t)(open - at), to);
		r = put_part(page, open + 2, (size_t)(close - open) - 2, to);
		at = close + 2;
	}
	fputs(at, to);
	return r < 0 ? r : ferror(to) ? -EIO : 0;
}
