// SPDX-License-Identifier: Apache-2.0
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/grow.h"

static bool is_plain(unsigned char c)
{
	return c < 0x80 && c != '%' && c != '&' && c != '\\';
}

/* Where the first byte is that may mean another one; eight at a time. */
static size_t plain_len(const char *text, size_t len)
{
	static const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t w, percent, amp, slash;

		memcpy(&w, text + i, 8);
		percent = w ^ ones * '%';
		amp = w ^ ones * '&';
		slash = w ^ ones * '\\';
		/* a zero byte borrows from its high bit */
		if ((w | (percent - ones) | (amp - ones) | (slash - ones)) & high)
			break;
	}
	while (i < len && is_plain((unsigned char)text[i]))
		i++;
	return i;
}

/* The byte or bytes that text begins with, as one byte of the view. */
static bool convert(const unsigned char *text, size_t len, unsigned int *ret_byte, size_t *ret_len)
{
	uint32_t value;

	if (text[0] < 0x80)
		return view_escape(text, len, ret_byte, ret_len);
	value = view_decode(text, len, ret_len);
	*ret_byte = value ? view_fold(value) : 0;
	return *ret_byte != 0;
}

static int add_run(struct view_stage *stage, size_t from, size_t step)
{
	struct view_run *last = stage->runs_len ? &stage->runs[stage->runs_len - 1] : NULL;

	if (last && last->step == step && last->from + (stage->len - last->at) * step == from)
		return 0;
	if (GROW(stage->runs, stage->runs_len + 1, stage->runs_max))
		return -ENOMEM;
	stage->runs[stage->runs_len++] = (struct view_run) { stage->len, from, step };
	return 0;
}

static int add_plain(struct view_stage *stage, const char *text, size_t from, size_t len)
{
	if (!len)
		return 0;
	if (add_run(stage, from, 1))
		return -ENOMEM;
	memcpy(stage->text + stage->len, text + from, len);
	stage->len += len;
	return 0;
}

/* How many bytes mean only themselves. */
static size_t same_len(const char *text, size_t len)
{
	unsigned int byte;
	size_t i = 0, n;

	while ((i += plain_len(text + i, len - i)) < len) {
		if (convert((const unsigned char *)text + i, len - i, &byte, &n))
			break;
		i++;
	}
	return i;
}

/* 1: a stage that differs; 0: nothing to convert */
static int add_stage(struct view_stage *stage, const char *text, size_t len)
{
	size_t i = same_len(text, len), n, start = 0;
	unsigned int byte;

	if (i == len)
		return 0;
	stage->text = malloc(len);
	if (!stage->text)
		return -ENOMEM;
	for (; i < len; start = i, i += same_len(text + i, len - i)) {
		if (add_plain(stage, text, start, i - start))
			return -ENOMEM;
		if (!convert((const unsigned char *)text + i, len - i, &byte, &n))
			return -EINVAL;
		i += n;
		if (byte == VIEW_NOTHING)
			continue;
		if (add_run(stage, i - n, n))
			return -ENOMEM;
		stage->text[stage->len++] = (char)byte;
	}
	return add_plain(stage, text, start, len - start) ? -ENOMEM : 1;
}

int view_init(struct view *view, const char *text, size_t len)
{
	int r = 1;

	*view = (struct view) { 0 };
	while (view->len < VIEW_STAGES && r == 1) {
		r = add_stage(&view->stages[view->len], text, len);
		if (r == 1) {
			text = view->stages[view->len].text;
			len = view->stages[view->len].len;
			view->len++;
		}
	}
	return r < 0 ? r : 0;
}

void view_done(struct view *view)
{
	for (size_t i = 0; i < VIEW_STAGES; i++) {
		free(view->stages[i].text);
		free(view->stages[i].runs);
	}
	*view = (struct view) { 0 };
}

static const struct view_run *find_run(const struct view_stage *stage, size_t at)
{
	size_t low = 0, high = stage->runs_len;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (stage->runs[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return &stage->runs[low];
}

void view_back(const struct view *view, size_t *start, size_t *end)
{
	for (size_t i = view->len; i-- > 0;) {
		const struct view_run *first = find_run(&view->stages[i], *start);
		const struct view_run *last = find_run(&view->stages[i], *end - 1);

		*start = first->from + (*start - first->at) * first->step;
		*end = last->from + (*end - last->at) * last->step;
	}
}
