# SPDX-License-Identifier: MIT
# ned, with its Lua parts inside. Included by runtime/runtime.mk.
ned_lua := $(addprefix runtime/ned/,class.lua source.lua cap.lua task.lua loader.lua module.lua prompt.lua main.lua)
ned_cflags := -Iruntime $(lua_include)
$(call program,ned,$(wildcard runtime/ned/*.c) runtime/ned/scripts.S,lua loader server wire l4re util)
$(rt_o)/runtime/ned/scripts.S.o: $(ned_lua)
$(patsubst %,$(rt_o)/%.o,$(wildcard runtime/ned/*.c)): $(lua_source)/.complete
