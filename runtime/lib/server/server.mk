# SPDX-License-Identifier: MIT
# The server library; needs the wire library; program.c also l4re and util.
$(call library,server,$(addprefix runtime/lib/server/,dispatch.c loop.c objects.c program.c))
