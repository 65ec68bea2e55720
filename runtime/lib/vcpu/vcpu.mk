# SPDX-License-Identifier: MIT
# The vCPU library.

$(call library,vcpu,$(wildcard runtime/lib/vcpu/*.c))
