# SPDX-License-Identifier: Apache-2.0
# Everything that checks: unit tests, kernels, demo, bench, fuzzers, lint.

KERNELS ?= 6.1 6.12 7.2
K ?= 6.1
VM = tests/vm/run

.PHONY: test test-kubernetes test-report test-export bench-report test-observe test-unit test-vm test-lab vm demo bench bench-declare bench-verify bench-pii bench-ring bench-trace asan fuzz fuzz-build lint format check-include

# __SANITIZE_ADDRESS__ is how gcc tells sources of it
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -D__SANITIZE_ADDRESS__
FUZZ_FLAGS = -std=gnu11 -g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link $(SANITIZE) $(CPPFLAGS_ALL)
FUZZ_SRC = $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN = $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_LIB_OBJ = $(LIB_OBJ:$(B)/%=$(B)/fuzz/%)

RESULTS = $(B)/results
RECORD = tests/record $(RESULTS)
# In a guest each; one after the other in one guest where each loads the sensor for
# itself, or (under a keeper, see tests/scenario/keeper.mjs) once for all. Those that
# take longest come first, so that at the end no processor waits for one of them.
ALONE = profiles agents
APART = reload life outlive leak observe daemon answer
TOGETHER = hold recall guard flow agree join bytes load names
# what knows little of kernels, once: SCENARIO-KERNEL runs it on any
TOGETHER_6.1 = http evidence stacked scope
TOGETHER_6.12 = rules mcp learn reuse
TOGETHER_7.2 = trace eval declare
SCENARIOS = apart together $(ALONE)
SCENARIO_BIN = $(patsubst %.c,$(B)/%,$(wildcard tests/scenario/*.c))
VM_TESTS = $(foreach s,$(SCENARIOS),$(KERNELS:%=$(s)-%))
ESCAPE_TESTS = $(KERNELS:%=escape-%)
TESTS = $(filter-out agents-6.12,$(VM_TESTS)) $(ESCAPE_TESTS) selinux-6.12 test-kubernetes test-agents test-report test-export test-observe \
	test-lab fuzz asan test-unit test-manual lint check-include check-escape

## make test            everything below as far as it is a test, then the total
# Built here, so that no two of them build the same and none waits for another's.
test: | $(B)/enforcecore $(B)/unit $(B)/fuzz/unit $(FUZZ_BIN) $(SCENARIO_BIN) $(B)/tests/scenario/next $(B)/tests/escape/escape $(B)/tests/bench/declare manual \
	$(B)/.packages-vm $(B)/.packages-demo $(B)/.packages-browser $(B)/.packages-profiles $(B)/npm/.complete $(B)/npm-agents/.complete $(B)/npm-kubernetes/.complete $(B)/promtool
	@rm -rf $(RESULTS)
	@$(MAKE) --no-print-directory -k -Otarget $(TESTS:%=record-%); tests/total $(RESULTS) $(TESTS)

## make test-deploy     the package, the image and the microVM: each makes a fresh Debian first
test-deploy: test-package test-image microvm-6.1
.PHONY: test-deploy

record-%:
	@$(RECORD) $* $(MAKE) --no-print-directory $*

$(B)/unit: $(UNIT_OBJ) $(LIB_OBJ) | $(B)/.packages-test
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lcriterion
$(UNIT_OBJ): | $(B)/.packages-test

$(B)/promtool:
	@tests/promtool $@

## make test-unit       unit tests, natively
test-unit: $(B)/unit $(B)/enforcecore | $(B)/promtool
	$(B)/unit --jobs 4 </dev/null

## make test-manual     man pages and completions against the program's help
.PHONY: test-manual
test-manual: manual
	tests/manual/check $(B)

# Of the objects that the fuzzers are made of, with a runner of its own.
$(B)/fuzz/unit: $(UNIT_SRC:%.c=$(B)/fuzz/%.o) $(B)/fuzz/tests/sanitize/runner.o $(FUZZ_LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(SANITIZE) -o $@ $^ $(LIBS)
## make asan            the unit tests under the address, leak and undefined-behaviour sanitizers
asan: $(B)/fuzz/unit | $(B)/promtool
	$(B)/fuzz/unit </dev/null

## make test-vm         the scenarios in every kernel of KERNELS, e.g. make hold-6.1
test-vm: $(VM_TESTS)
$(B)/tests/scenario/%: tests/scenario/%.c $(wildcard bpf/*.h) | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -D_GNU_SOURCE -I. -Wall -Wextra -o $@ $<
SINGLES = $(sort $(TOGETHER) $(TOGETHER_6.1) $(TOGETHER_6.12) $(TOGETHER_7.2) $(APART))
SINGLE_TESTS = $(foreach k,$(KERNELS),$(SINGLES:%=%-$(k)))
# The program that comes after this one: another version of what it loads.
NEXT_SRC = user/sensor/sensor.c user/sensor/sensor_load.c user/session/session_adopt.c user/status/status.c
NEXT_OBJ = $(NEXT_SRC:%.c=$(B)/next/%.o)
$(B)/next/%.o: %.c $(wildcard bpf/*.h) $(B)/sensor.skel.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -DEC_ABI=1000u -c $< -o $@
$(B)/tests/scenario/next: $(NEXT_OBJ) $(filter-out $(NEXT_SRC:%.c=$(B)/%.o),$(OBJ))
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
$(filter apart-% outlive-%,$(VM_TESTS) $(SINGLE_TESTS)): $(B)/tests/scenario/next
.PHONY: $(VM_TESTS) $(SINGLE_TESTS)
$(VM_TESTS) $(SINGLE_TESTS): $(B)/enforcecore $(SCENARIO_BIN) | $(B)/.packages-vm $(B)/.packages-demo
	$(VM) -k $(lastword $(subst -, ,$@)) -t 2400 --env EC=$(B)/enforcecore --env RELOADS=$(RELOADS) --env CALLS=$(CALLS) --env KILLS=$(KILLS) --env RACES=$(RACES) --env POWER=$(POWER) -- \
		node tests/scenario/$(or $(IN_ONE),$(firstword $(subst -, ,$@)).mjs $(PARTS))

together-%: IN_ONE = together.mjs $(TOGETHER_$(lastword $(subst -, ,$@))) $(TOGETHER)
apart-%: IN_ONE = together.mjs --apart $(or $(PARTS),$(APART))

# each in one kernel, the parts of outlive in one or two, for time: PARTS= makes it all
# (observe is made natively: make observe-6.1)
apart-6.1: PARTS ?= outlive:deadline,changed,upgrade,kills leak
apart-6.12: PARTS ?= reload life answer
apart-7.2: PARTS ?= outlive:takeover,kills,canary daemon
# RELOADS=1000 CALLS=10000 makes it in full on each kernel
reload-% apart-%: RELOADS ?= 40
leak-% apart-%: CALLS ?= 4000
# thirty in all; KILLS=500 makes it in full on each kernel
outlive-% apart-%: KILLS ?= 15
# connections right behind their look-ups; RACES=1000 makes it in full on each kernel
names-% together-%: RACES ?= 100
# and power cuts
evidence-% together-6.1: POWER ?= 1
# One agent in each kernel, for one takes minutes: AGENTS='gemini qwen pi' makes it all.
# qwen's seven minutes are not part of `make test`, which runs it natively.
agents-%: PARTS = $(AGENTS)
agents-6.1: AGENTS ?= gemini
agents-6.12: AGENTS ?= qwen
agents-7.2: AGENTS ?= pi
# each profile in one kernel, for time: PARTS= makes it all
profiles-6.1: PARTS ?= filesystem fetched
profiles-6.12: PARTS ?= coding
profiles-7.2: PARTS ?= locked analyst
$(filter agents-%,$(VM_TESTS)): $(B)/npm-agents/.complete
$(B)/npm-agents/.complete: tests/scenario/agents/packages | $(B)/.packages-demo
	tests/scenario/agents/packages $(B)/npm-agents
	@touch $@

## make test-agents     an agent natively, before a controller that only looks; AGENTS='gemini qwen pi'
test-agents: $(B)/enforcecore $(B)/npm-agents/.complete
	NPM=$(CURDIR)/$(B)/npm-agents unshare -rn sh -c 'ip link set lo up; exec node tests/scenario/agents/native.mjs $(or $(AGENTS),qwen)'

$(filter profiles-% together-%,$(VM_TESTS)) $(SINGLE_TESTS): $(B)/npm/.complete | $(B)/.packages-profiles

## make escape-6.1      techniques of getting out; PLACE=user, TRY='a b' for those whose names contain a or b
ESCAPE_SRC = $(sort $(wildcard tests/escape/*.c)) policy/compile/inode.c
$(B)/tests/escape/escape: $(ESCAPE_SRC) $(wildcard tests/escape/*.h) | $(B)/.packages-build
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -std=gnu11 -O1 -g -static -D_GNU_SOURCE -I. $(WARN) -o $@ $(ESCAPE_SRC) -lpthread -lrt
.PHONY: $(ESCAPE_TESTS) check-escape
$(ESCAPE_TESTS): $(B)/enforcecore $(B)/tests/escape/escape | $(B)/.packages-vm
	$(VM) -k $(lastword $(subst -, ,$@)) -t 1200 --env VERBOSE=$(VERBOSE) -- $(CURDIR)/$(B)/tests/escape/escape try \
		$(CURDIR)/$(B)/enforcecore $(if $(PLACE),place=$(PLACE)) $(TRY)

## make escape-table    writes the table of tests/escape/README.md; check-escape compares
escape-table: $(B)/tests/escape/escape
	@{ sed '/^<!-- techniques -->$$/q' tests/escape/README.md; $< table; } >$(B)/escape.md && cp $(B)/escape.md tests/escape/README.md
check-escape: $(B)/tests/escape/escape
	@$< table >$(B)/escape.md; sed '1,/^<!-- techniques -->$$/d' tests/escape/README.md | diff -u - $(B)/escape.md || \
		{ echo "tests/escape/README.md: make escape-table"; exit 1; }

## make selinux-6.1     beside an SELinux that enforces, in a guest that has it in AppArmor's place
SELINUX_TESTS = $(KERNELS:%=selinux-%)
.PHONY: $(SELINUX_TESTS)
$(SELINUX_TESTS): $(B)/enforcecore | $(B)/.packages-vm $(B)/.packages-demo
	$(VM) -k $(lastword $(subst -, ,$@)) -t 600 --cmdline "lsm=lockdown,capability,landlock,selinux,bpf selinux=1 enforcing=0" \
		--env EC=$(B)/enforcecore -- node tests/scenario/stacked.mjs selinux

## make containers-6.1  the node agent and containers of Podman and containerd; PARTS='confined kube' for some
CONTAINER_TESTS = $(KERNELS:%=containers-%)
.PHONY: $(CONTAINER_TESTS)
$(B)/containers/.complete: tests/containers/image tests/containers/attacks $(B)/enforcecore | $(B)/.packages-containers $(B)/.packages-vm
	tests/containers/image $(@D) $(B)/enforcecore
	@touch $@
$(CONTAINER_TESTS): $(B)/containers/.complete $(B)/npm-kubernetes/.complete | $(B)/.packages-vm $(B)/.packages-demo
	$(VM) -k $(lastword $(subst -, ,$@)) -t 900 --env EC=$(B)/enforcecore --env IMAGE=$(B)/containers --env MODULES=$(B)/npm-kubernetes \
		--env VERBOSE=$(VERBOSE) -- node tests/scenario/containers.mjs $(PARTS)
$(B)/npm-kubernetes/.complete: tests/kubernetes/packages | $(B)/.packages-demo
	tests/kubernetes/packages $(@D)
	@touch $@
## make test-kubernetes deploy/kubernetes against the API's schemas, natively
test-kubernetes: $(B)/enforcecore $(B)/npm-kubernetes/.complete
	@EC=$< MODULES=$(B)/npm-kubernetes node tests/kubernetes/manifests.mjs
## make test-observe    observing without LSM, on this machine's own kernel, as root
test-observe: $(B)/enforcecore $(B)/tests/scenario/effects | $(B)/.packages-demo
	EC=$(B)/enforcecore node tests/scenario/observe.mjs
## make test-daemon     a hundred agents in one node agent, on this machine's own kernel, as root
.PHONY: test-daemon
test-daemon: $(B)/enforcecore $(B)/tests/scenario/threads | $(B)/.packages-demo
	EC=$(B)/enforcecore node tests/scenario/daemon_many.mjs
## make test-report     the page of `audit report` in a headless Chromium; SHOTS=DIR keeps pictures
test-report: $(B)/enforcecore | $(B)/.packages-browser $(B)/.packages-demo
	@EC=$< SHOTS=$(SHOTS) node tests/report/report.mjs
## make bench-report    milliseconds until a page of 100,000 records can be used
bench-report: $(B)/enforcecore | $(B)/.packages-browser $(B)/.packages-demo
	@EC=$< node tests/report/report.mjs large
## make test-export     the forms of `audit export`, and what it posts to a receiver
test-export: $(B)/enforcecore | $(B)/.packages-vm $(B)/.packages-demo
	@EC=$< node tests/export/export.mjs

## make stress          stress-ng under enforcement for SECONDS (600), on each kernel of KERNELS; make stress-6.1 STRESSORS='mq seal'
STRESS_TESTS = $(KERNELS:%=stress-%)
.PHONY: stress $(STRESS_TESTS)
stress: $(STRESS_TESTS)
$(STRESS_TESTS): $(B)/enforcecore $(B)/tests/scenario/load | $(B)/.packages-vm $(B)/.packages-demo $(B)/.packages-stress
	$(VM) -k $(lastword $(subst -, ,$@)) -t 7200 --env EC=$(B)/enforcecore --env VERBOSE=$(VERBOSE) -- node tests/scenario/stress.mjs $(or $(SECONDS),600) $(STRESSORS)

PACKAGE_TESTS = $(KERNELS:%=package-%)
.PHONY: $(PACKAGE_TESTS) test-package test-image
## make test-package    lintian, the unit, and the package in a fresh Debian: installed, purged
test-package: deb
	tests/package/check $(B)
## make package-6.1     that, and the package's life under systemd in a guest
$(PACKAGE_TESTS): deb | $(B)/.packages-vm
	tests/package/check $(B) $(lastword $(subst -, ,$@))
$(B)/sbom/.complete: | $(B)/.packages-demo
	tests/package/sbom $(@D)
	@touch $@
## make test-image      what is in the image, and its list of contents against the schema
test-image: image $(B)/sbom/.complete
	tests/package/image_check $(B)

MICROVM_TESTS = $(KERNELS:%=microvm-%)
.PHONY: $(MICROVM_TESTS)
$(B)/tests/microvm/instructions: tests/microvm/instructions.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static -o $@ $<
## make microvm-6.1     a microVM boots and enforces: instructions until then
$(MICROVM_TESTS): $(B)/enforcecore $(B)/tests/microvm/instructions | $(B)/.packages-vm
	tests/microvm/run $(B) $(lastword $(subst -, ,$@))

## make test-lab        the lab tells the truth (hangs, panics, silence)
test-lab: | $(B)/.packages-vm $(B)/.packages-demo
	tests/vm/selftest

## make vm K=6.12 [CMD='…']   a shell, or a command, in that kernel
vm: $(B)/enforcecore | $(B)/.packages-vm
	$(VM) -k $(K) -t $(or $(T),36000) $(if $(CMD),-- sh -c '$(CMD)')

$(B)/npm/.complete: tests/demo/packages | $(B)/.packages-demo
	tests/demo/packages $(B)/npm
	@touch $@

## make demo            a real MCP server held to its calls, here or in a VM
demo: $(B)/enforcecore $(B)/npm/.complete | $(B)/.packages-vm
	tests/demo/run $(B)

$(B)/tests/bench/nop: tests/bench/nop.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static -o $@ $<
$(B)/tests/bench/ops: tests/bench/ops.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -D_GNU_SOURCE -Wall -Wextra -o $@ $<

# A stand-in for opensnoop, which ours is compared with.
$(B)/tests/bench/opens: tests/bench/opens.c $(B)/tests/bench/opens.skel.h
	$(Q)$(CC) -O2 -D_GNU_SOURCE -Wall -Wextra -Itests/bench -I$(B)/tests/bench -o $@ $< -lbpf
## make bench           instructions per operation, per kernel of KERNELS
bench: $(B)/enforcecore $(B)/tests/bench/ops $(B)/tests/bench/nop $(B)/tests/bench/opens | $(B)/.packages-vm
	@for k in $(KERNELS); do $(VM) -k $$k -t 3000 --icount -- tests/bench/instructions $(B) || exit 1; done

BENCH_DECLARE = $(filter-out %/main.o $(B)/user/sensor/agent% $(B)/user/sensor/sensor% $(B)/user/sensor/generation.o \
	$(B)/user/sensor/arena.o $(B)/user/sensor/pins.o $(B)/user/sensor/tagged.o $(B)/user/sensor/tracer.o \
	$(B)/user/sensor/programs.o $(B)/user/sensor/kernel_% $(B)/user/trace/% $(B)/user/top/% $(B)/user/metrics/% $(B)/user/canary/% $(B)/user/keep/% \
	$(B)/user/status/% $(B)/user/daemon/% $(B)/user/session/session_host.o $(B)/user/sensor/picks.o $(B)/user/sensor/window.o $(B)/user/session/state.o $(B)/user/session/session_adopt.o $(B)/user/session/session_watch.o \
	$(B)/user/command/% $(B)/user/gateway/% $(B)/user/eval/%,$(OBJ))
$(B)/tests/bench/declare: tests/bench/declare.c $(BENCH_DECLARE)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
## make bench-declare   microseconds of begin and end over the control socket
bench-declare: $(B)/tests/bench/declare
	@tests/bench/declarations $(B)

$(B)/tests/bench/%.bpf.o: tests/bench/%.bpf.c $(wildcard tests/bench/*.h) $(wildcard bpf/*.h) | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
$(B)/tests/bench/%.skel.h: $(B)/tests/bench/%.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@
$(B)/tests/bench/ring: tests/bench/ring.c $(B)/tests/bench/flood.skel.h $(LIB_OBJ)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -I$(B)/tests/bench -o $@ $< $(LIB_OBJ) $(LIBS)
## make bench-ring      events a second from an agent's ring into its trail: flooded, and at 300,000 a second
bench-ring: $(B)/tests/bench/ring
	@$< $(B)/bench-ring.jsonl 0 5
	@$< $(B)/bench-ring.jsonl 300000 5; rm -f $(B)/bench-ring.jsonl

$(B)/tests/bench/trail: tests/bench/trail.c $(filter $(B)/user/trail/% $(B)/user/json/json_whole.o $(B)/user/json/json_text.o $(B)/user/json/json_out.o,$(OBJ))
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
## make bench-verify    MB/s of verifying a trail, beside sha256sum of the same file
bench-verify: $(B)/enforcecore $(B)/tests/bench/trail
	@tests/bench/verify $(B)

$(B)/tests/bench/pii: tests/bench/pii.c $(filter $(B)/policy/pii/%,$(OBJ))
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
## make bench-pii       MB/s of finding and redacting personal data, beside Python's, and what was made to be slow
bench-pii: $(B)/tests/bench/pii
	@$< texts | python3 tests/bench/pii_reference.py || echo "Python's re: skipped, no python3"
	@$<

$(B)/tests/bench/trace: tests/bench/trace.c $(filter-out %/main.o,$(OBJ))
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
## make bench-trace     events by the second that trace filters and prints
bench-trace: $(B)/tests/bench/trace
	@$<

FUZZ_SECONDS ?= 2
FUZZ_SEED ?= 0

$(B)/fuzz/%.o: %.c | $(B)/sensor.skel.h $(B)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_BIN): $(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.o $(FUZZ_LIB_OBJ)
	$(call say,FUZZ,$@)
	$(Q)$(CLANG) -fsanitize=fuzzer $(SANITIZE) -o $@ $^ $(LIBS)
-include $(FUZZ_LIB_OBJ:.o=.d) $(UNIT_SRC:%.c=$(B)/fuzz/%.d) $(FUZZ_SRC:%.c=$(B)/fuzz/%.d)

fuzz-build: $(FUZZ_BIN)
## make fuzz            every fuzzer for FUZZ_SECONDS
# what libFuzzer writes is shown when it found something; a finding is a file there, too
fuzz: fuzz-build
	@for f in $(FUZZ_BIN); do n=$${f##*/}; mkdir -p $(B)/corpus/$$n; \
		$$f -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
			-artifact_prefix=$(B)/fuzz/ $(B)/corpus/$$n >$(B)/fuzz/$$n.log 2>&1 || { tail -n 60 $(B)/fuzz/$$n.log; echo "FAIL $$n"; exit 1; }; \
		echo "fuzz: $$n $$(sed -n 's/^stat::number_of_executed_units: *//p' $(B)/fuzz/$$n.log) runs in $(FUZZ_SECONDS) s"; done

## make check-include   includes point one way: user -> policy -> bpf
check-include:
	@! grep -rnE '#include "(user|policy)/' bpf vmlinux
	@! grep -rnE '#include "user/' policy
	@! grep -rnE '#include "bpf/(maps|judge|path|identity|emit|view|endpoint)\.bpf\.h' user policy

## make format          clang-format over every source file
C_FILES = $(sort $(wildcard bpf/*.[ch] bpf/watch/*.[ch] policy/*.[ch] policy/*/*.[ch] user/*.[ch] user/*/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] tests/sanitize/*.c tests/escape/*.[ch] tests/bench/*.[ch] vmlinux/*.h))
format: | $(B)/.packages-lint
	clang-format-14 -i $(C_FILES)
## make lint            format check and static analysis
lint: $(B)/sensor.skel.h | $(B)/.packages-lint
	@clang-format-14 --dry-run -Werror $(C_FILES)
	@cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem $(CPPFLAGS_ALL) user policy
