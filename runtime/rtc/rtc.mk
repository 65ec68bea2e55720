# SPDX-License-Identifier: MIT
# The server of the time of day. Its client library is runtime/lib/rtc.

$(call program,rtc,$(addprefix runtime/rtc/,main.c cmos.c calendar.c),rtc vcon server wire l4re util)
UNIT_SRCS_rtc_test := $(addprefix runtime/rtc/,cmos.c calendar.c)
UNIT_FLAGS_rtc_test := -Iruntime/rtc
