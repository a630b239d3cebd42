/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - what a value must satisfy beyond its shape. */
#ifndef EC_PII_CHECK_H
#define EC_PII_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* Bits per byte below which a value is words or filler (COMPAT). */
#define CHECK_ENTROPY_MIN 3.0

/* Digits only: a known issuer's prefix and length, and its check digit. */
bool check_card(const char *digits, size_t len);
/* Without blanks, in capitals: how long one of its country is; 0: no such. */
size_t check_iban_len(const char *text);
bool check_iban(const char *text, size_t len);
/* Nine digits. */
bool check_ssn(const char *digits);
/* Entropy, letters and a digit: a key, not a word. */
bool check_random(const char *text, size_t len);
double check_entropy(const char *text, size_t len);
/* An address that could be somebody's, not a::b of a program. */
bool check_ipv6(const char *text, size_t len);

#endif
