// SPDX-License-Identifier: Apache-2.0
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python_text.h"

/* A power of two has more room above than below: there sixteen digits may do that are
 * not the nearest ones. text has them as "%.15e" does. */
static bool next_above(double number, char *text)
{
	char digits_only[20], next[PYTHON_NUMBER_MAX], *at = text + (*text == '-'),
						       *exponent = strchr(text, 'e');

	snprintf(digits_only, sizeof(digits_only), "%c%.15s", at[0], at + 2);
	unsigned long long above = strtoull(digits_only, NULL, 10) + 1;

	snprintf(next, sizeof(next), "%.*s%llu.%015llu%s", (int)(at - text), text,
		 above / 1000000000000000ull, above % 1000000000000000ull, exponent);
	if (strtod(next, NULL) != number)
		return false;
	strcpy(text, next);
	return true;
}

/* The fewest digits that are read as number again, "d.ddde[+-]dd". With fifteen or
 * less, these are what fifteen begin with; but the least numbers have less to give. */
static void shortest(double number, char *out)
{
	for (int precision = fabs(number) < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
		snprintf(out, PYTHON_NUMBER_MAX, "%.*e", precision, number);
		if (strtod(out, NULL) == number || (precision == 15 && next_above(number, out)))
			return;
	}
}

/* digits with the point behind the first `whole` of them */
static void put_fixed(const char *significant, int len, int whole, char *out)
{
	if (whole <= 0) {
		strcpy(out, "0.");
		memset(out + 2, '0', (size_t)-whole);
		sprintf(out + 2 - whole, "%.*s", len, significant);
	} else if (len <= whole) {
		sprintf(out, "%.*s", len, significant);
		memset(out + len, '0', (size_t)(whole - len));
		strcpy(out + whole, ".0");
	} else {
		sprintf(out, "%.*s.%.*s", whole, significant, len - whole, significant + whole);
	}
}

/* As float.__repr__: with an exponent below 1e-4 and from 1e16. */
void python_float(double number, char out[PYTHON_NUMBER_MAX])
{
	char text[PYTHON_NUMBER_MAX], significant[PYTHON_NUMBER_MAX];
	int len = 0, exponent;
	char *at = text;

	if (!isfinite(number)) {
		strcpy(out, isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity");
		return;
	}
	shortest(number, text);
	if (*at == '-')
		*out++ = *at++;
	exponent = atoi(strchr(at, 'e') + 1);
	for (; *at != 'e'; at++)
		if (*at != '.')
			significant[len++] = *at;
	while (len > 1 && significant[len - 1] == '0')
		len--;
	if (exponent >= -4 && exponent < 16)
		put_fixed(significant, len, exponent + 1, out);
	else
		sprintf(out, "%c%s%.*se%c%02d", significant[0], len > 1 ? "." : "", len - 1,
			significant + 1, exponent < 0 ? '-' : '+', abs(exponent));
}
