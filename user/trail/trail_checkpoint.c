// SPDX-License-Identifier: Apache-2.0
#include "trail_checkpoint.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "user/json/json_whole.h"

#define MESSAGE_MAX 320

/* The first line separates it from whatever else the key may sign. */
static size_t make_message(const struct trail_checkpoint *checkpoint, char message[MESSAGE_MAX])
{
	return (size_t)snprintf(message, MESSAGE_MAX,
				"EnforceCore trail checkpoint 1\ntrail %s\nseq %" PRIu64
				"\ntime %s\nhead %s\nwhy %s\n",
				checkpoint->trail, checkpoint->seq, checkpoint->time,
				checkpoint->head, checkpoint->why);
}

void trail_checkpoint_sign(struct trail_checkpoint *checkpoint, const struct trail_key *key)
{
	unsigned char signature[crypto_sign_BYTES];
	char message[MESSAGE_MAX];
	size_t len = make_message(checkpoint, message);

	crypto_sign_detached(signature, NULL, (const unsigned char *)message, len, key->secret);
	sodium_bin2hex(checkpoint->signature, sizeof(checkpoint->signature), signature,
		       sizeof(signature));
	memcpy(checkpoint->key, key->public, sizeof(checkpoint->key));
}

/* One way to write each: a capital letter would be another line that holds. */
static bool from_hex(const char *hex, unsigned char *bytes, size_t bytes_len)
{
	char again[2 * crypto_sign_BYTES + 1];
	size_t len = 0;

	if (sodium_hex2bin(bytes, bytes_len, hex, strlen(hex), NULL, &len, NULL) ||
	    len != bytes_len)
		return false;
	sodium_bin2hex(again, sizeof(again), bytes, bytes_len);
	return !strcmp(again, hex);
}

bool trail_checkpoint_holds(const struct trail_checkpoint *checkpoint)
{
	unsigned char signature[crypto_sign_BYTES], key[crypto_sign_PUBLICKEYBYTES];
	char message[MESSAGE_MAX];
	size_t len = make_message(checkpoint, message);

	return from_hex(checkpoint->signature, signature, sizeof(signature)) &&
	       from_hex(checkpoint->key, key, sizeof(key)) &&
	       !crypto_sign_verify_detached(signature, (const unsigned char *)message, len, key);
}

size_t trail_checkpoint_print(const struct trail_checkpoint *checkpoint,
			      char line[TRAIL_CHECKPOINT_MAX])
{
	return (size_t)snprintf(line, TRAIL_CHECKPOINT_MAX,
				"{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"prev\":\"%s\","
				"\"kind\":\"checkpoint\",\"trail\":\"%s\",\"why\":\"%s\","
				"\"key\":\"%s\",\"signature\":\"%s\"}",
				checkpoint->seq, checkpoint->time, checkpoint->head,
				checkpoint->trail, checkpoint->why, checkpoint->key,
				checkpoint->signature);
}

/* What does not fit is left out, and then the line is not what is printed. */
const char *trail_checkpoint_read(const char *line, size_t line_len,
				  struct trail_checkpoint *ret_checkpoint)
{
	static const struct json_watch watches[] = {
		{ "time", -1 }, { "prev", -1 }, { "trail", -1 },
		{ "why", -1 },	{ "key", -1 },	{ "signature", -1 },
	};
	struct json_whole_seen seen[sizeof(watches) / sizeof(watches[0])];
	char printed[TRAIL_CHECKPOINT_MAX];
	struct trail_line common;

	if (trail_line_read(line, line_len, &common) || common.kind != TRAIL_CHECKPOINT)
		return "it is no checkpoint";
	json_whole(line, line_len, watches, sizeof(watches) / sizeof(watches[0]), seen);
	ret_checkpoint->seq = common.seq;
	json_whole_text(&seen[0], sizeof(ret_checkpoint->time), ret_checkpoint->time);
	json_whole_text(&seen[1], sizeof(ret_checkpoint->head), ret_checkpoint->head);
	json_whole_text(&seen[2], sizeof(ret_checkpoint->trail), ret_checkpoint->trail);
	json_whole_text(&seen[3], sizeof(ret_checkpoint->why), ret_checkpoint->why);
	json_whole_text(&seen[4], sizeof(ret_checkpoint->key), ret_checkpoint->key);
	json_whole_text(&seen[5], sizeof(ret_checkpoint->signature), ret_checkpoint->signature);
	if (trail_checkpoint_print(ret_checkpoint, printed) != line_len ||
	    memcmp(printed, line, line_len))
		return "it is not written as a checkpoint is";
	return NULL;
}
