# SPDX-License-Identifier: MIT
# $(call say,CC,$<) before a command shows `CC file` instead of it; V=1 shows the command.
V ?= 0
say = $(if $(filter 0,$(V)),@printf '  %-7s %s\n' '$(1)' '$(patsubst $(O)/%,%,$(2))'; )
