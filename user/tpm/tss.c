// SPDX-License-Identifier: Apache-2.0
#include "tss.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

static struct tss tss;
static const char *missing;

static void load(void)
{
	void *esys, *tctildr;

	/* what it cannot do we say ourselves; whoever sets it gets its own log as well */
	setenv("TSS2_LOG", "all+none", 0);
	esys = dlopen(TSS_ESYS, RTLD_NOW | RTLD_NODELETE);
	tctildr = dlopen(TSS_TCTILDR, RTLD_NOW | RTLD_NODELETE);
	if (!esys || !tctildr) {
		missing = esys ? TSS_TCTILDR " is not there (Debian: libtss2-tctildr0)" :
				 TSS_ESYS " is not there (Debian: libtss2-esys-3.0.2-0)";
		return;
	}
#define TSS_LOAD(library, name)                                                                    \
	tss.name = (__typeof__(tss.name))dlsym(library, #name);                                    \
	if (!tss.name)                                                                             \
		missing = "tpm2-tss has no " #name;
	TSS_FUNCTIONS(TSS_LOAD)
#undef TSS_LOAD
}

const struct tss *tss_open(const char **ret_why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	*ret_why = missing;
	return missing ? NULL : &tss;
}
