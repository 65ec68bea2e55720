# SPDX-License-Identifier: MIT
# Font of the screen console, from Debian's console-setup-linux: the installed file, or else the
# package, fetched and unpacked into the build folder. font.S includes $(O)/font.psf: assemble it
# with -Wa,-I$(O), and make its object depend on $(FONT).
FONT := $(O)/font.psf
FONT_PACKAGE := console-setup-linux
FONT_FILE := usr/share/consolefonts/Uni2-VGA16.psf.gz

$(FONT):
	@mkdir -p $(O)/font-package
	@if [ ! -f /$(FONT_FILE) ] && [ ! -f $(O)/font-package/$(FONT_FILE) ]; then \
		echo "  FETCH   $(FONT_PACKAGE)"; \
		cd $(O)/font-package && apt-get -qq download $(FONT_PACKAGE) && \
		dpkg -x $(FONT_PACKAGE)_*.deb .; \
	fi
	@if [ -f /$(FONT_FILE) ]; then gzip -dc /$(FONT_FILE); \
	else gzip -dc $(O)/font-package/$(FONT_FILE); fi > $@.tmp
	@mv $@.tmp $@
