# SPDX-License-Identifier: MIT
# The loader library; needs the wire library. It runs in services too: neither malloc nor stdio.
$(call library,loader,$(addprefix runtime/lib/loader/,elf.c image.c loader.c random.c service.c stack.c))
