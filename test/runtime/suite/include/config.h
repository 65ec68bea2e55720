/* SPDX-License-Identifier: MIT */
/* The suite's configuration: nothing of it applies. */
#ifndef SUITE_CONFIG_H
#define SUITE_CONFIG_H

#endif
