# SPDX-License-Identifier: MIT
# Lua 5.4 from the distribution's source package, as it is: a library for the runtime, and an
# interpreter for the host, $(O)/host/lua, which tests and tools use. Included by runtime/runtime.mk.

lua_name := lua5.4
lua_version := 5.4.4-3+deb12u1
lua_source := $(O)/source/$(lua_name)-$(lua_version)
lua_include := -I$(lua_source)/src
lua_core := lapi lcode lctype ldebug ldo ldump lfunc lgc llex lmem lobject lopcodes lparser lstate \
	lstring ltable ltm lundump lvm lzio lauxlib
lua_libs := lbaselib lcorolib ldblib liolib lmathlib loadlib lstrlib ltablib lutf8lib
lua_src := $(patsubst %,$(lua_source)/src/%.c,$(lua_core) $(lua_libs))
lua_host_src := $(patsubst %,$(lua_source)/src/%.c,$(lua_core) $(lua_libs) loslib linit lua)

$(lua_source)/.complete: tools/sources.txt tools/fetch-source
	$(call say,FETCH,$(lua_name))tools/fetch-source -o $(O)/source $(lua_name) '$(lua_version)'
	@touch $@

$(lua_host_src): $(lua_source)/.complete ;

# Warnings about it are for its authors.
lua_cflags := -w
$(call library,lua,$(lua_src))

$(O)/host/lua: $(lua_host_src)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)$(HOSTCC) -std=gnu17 -O1 -w -DLUA_USE_POSIX -o $@ $^ -lm

unit-tests rom: $(O)/host/lua
