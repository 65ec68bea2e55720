# SPDX-License-Identifier: MIT
# The server library; needs the wire library.
$(call library,server,$(addprefix runtime/lib/server/,dispatch.c loop.c objects.c))
