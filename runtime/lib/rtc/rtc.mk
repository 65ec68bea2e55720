# SPDX-License-Identifier: MIT
# Client of the server that knows the time of day.

$(call library,rtc,$(wildcard runtime/lib/rtc/*.c))
