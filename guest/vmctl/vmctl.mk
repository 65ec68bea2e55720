# SPDX-License-Identifier: MIT
# vmctl, control of virtual machines. Included by guest/guest.mk.

vmctl_cflags := -D_GNU_SOURCE -iquote guest/include
$(call program,vmctl,guest/vmctl/main.c,wire l4re util)
