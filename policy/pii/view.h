/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - a text as a reader sees it: without invisible characters, lookalikes
 * as the ASCII they look like, URL, HTML and JSON escapes undone; and the way
 * back from its bytes to those of the text.
 */
#ifndef EC_PII_VIEW_H
#define EC_PII_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Escapes in escapes: %2540. More than three deep nobody decodes. */
#define VIEW_STAGES 4u

/* From here on each byte stands for `step` bytes of the stage before. */
struct view_run {
	size_t at;
	size_t from;
	size_t step;
};
struct view_stage {
	char *text;
	size_t len;
	struct view_run *runs;
	size_t runs_len, runs_max;
};
struct view {
	struct view_stage stages[VIEW_STAGES];
	size_t len;
};

/* view->len 0: the text is its own view. Free with view_done, also after an error. */
int view_init(struct view *view, const char *text, size_t len);
void view_done(struct view *view);
#define _cleanup_view_ __attribute__((cleanup(view_done)))

/* From bytes of the last stage to bytes of the text; *end is one past. */
void view_back(const struct view *view, size_t *start, size_t *end);

/* view_fold.c: the ASCII character that this one looks like; 0: none;
 * VIEW_NOTHING: it is not seen. */
#define VIEW_NOTHING 0xffu
unsigned int view_fold(uint32_t value);
/* One character, its length in *ret_len; 0: not UTF-8. */
uint32_t view_decode(const unsigned char *text, size_t len, size_t *ret_len);

/* view_escape.c: the byte that the escape at text stands for, or VIEW_NOTHING;
 * false: there is no escape, or one of what looks like no ASCII character. */
bool view_escape(const unsigned char *text, size_t len, unsigned int *ret_byte, size_t *ret_len);

#endif
