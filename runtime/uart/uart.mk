# SPDX-License-Identifier: MIT
# The server of a serial line.

$(call program,uart,runtime/uart/main.c,vcon server wire l4re util)
