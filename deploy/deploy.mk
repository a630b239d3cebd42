# SPDX-License-Identifier: Apache-2.0
# What is made for packages: man pages and completions, from the program's own help.

COMPLETIONS = $(B)/completion/enforcecore $(B)/completion/_enforcecore $(B)/completion/enforcecore.fish

.PHONY: manual
## make manual          build/man and build/completion (bash, zsh, fish), from the program's help
manual: $(B)/man/enforcecore.1 $(COMPLETIONS)

$(B)/man/enforcecore.1: $(B)/enforcecore deploy/words $(wildcard deploy/man/*) | $(B)/.packages-manual
	$(call say,MAN,$(@D))
	$(Q)deploy/man/pages $(B)/enforcecore $(@D)

$(B)/words: $(B)/enforcecore deploy/words
	$(Q)deploy/words $< >$@
$(B)/completion/enforcecore: SHELL_NAME = bash
$(B)/completion/_enforcecore: SHELL_NAME = zsh
$(B)/completion/enforcecore.fish: SHELL_NAME = fish
$(COMPLETIONS): $(B)/words deploy/completion/generate.awk
	@mkdir -p $(@D)
	$(call say,SHELL,$@)
	$(Q)awk -v shell=$(SHELL_NAME) -f deploy/completion/generate.awk $< >$@

.PHONY: deb
## make deb             build/deb: a package for Debian 12, of what is built
deb: $(B)/deb/log
$(B)/deb/log: $(B)/enforcecore $(B)/man/enforcecore.1 $(COMPLETIONS) $(wildcard deploy/debian/* deploy/package/* policy/profiles/* policy/profiles/base/*) README.md user/PROTOCOL.md policy/schema.json | $(B)/.packages-package
	$(call say,DEB,$(@D))
	$(Q)deploy/package/deb $(B) $(@D)

.PHONY: image
## make image           build/image/enforcecore.tar (OCI) of the package and what it needs, and its contents (sbom.json)
image: $(B)/image/sbom.json
$(B)/image/sbom.json: $(B)/deb/log deploy/package/image deploy/package/sbom.mjs | $(B)/.packages-image $(B)/.packages-demo
	$(call say,IMAGE,$(@D))
	$(Q)deploy/package/image $(B)/deb/enforcecore_*_amd64.deb $(@D)

.PHONY: deb-twice
## make deb-twice       the package from two copies of this tree: are they the same, byte by byte?
deb-twice: | $(B)/.packages-build $(B)/.packages-manual $(B)/.packages-package
	deploy/package/twice $(B)/twice
