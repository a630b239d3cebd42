/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tss.h - the functions of tpm2-tss that we call. Opened when a TPM is asked for: no other
 * host needs the library, or has it in memory.
 */
#ifndef EC_TSS_H
#define EC_TSS_H

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include "tss_names.h"

/* from which library, name */
#define TSS_FUNCTIONS(f)                                                                           \
	f(tctildr, Tss2_TctiLdr_Initialize) f(tctildr, Tss2_TctiLdr_Finalize)                      \
		f(esys, Esys_Initialize) f(esys, Esys_Finalize) f(esys, Esys_CreatePrimary)        \
			f(esys, Esys_TR_FromTPMPublic) f(esys, Esys_ReadPublic)                    \
				f(esys, Esys_FlushContext) f(esys, Esys_PCR_Read)                  \
					f(esys, Esys_PCR_Extend) f(esys, Esys_Quote)               \
						f(esys, Esys_Free)

struct tss {
#define TSS_MEMBER(library, name) __typeof__(&(name)) name;
	TSS_FUNCTIONS(TSS_MEMBER)
#undef TSS_MEMBER
};

/* The same for all, and never closed. NULL: the library is not there; ret_why says what. */
const struct tss *tss_open(const char **ret_why);

#endif
