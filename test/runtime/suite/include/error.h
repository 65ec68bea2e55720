/* SPDX-License-Identifier: MIT */
/* The message function that tests of the suite call and that musl lacks. */
#ifndef SUITE_ERROR_H
#define SUITE_ERROR_H

/* Print a message and that of error_number if not 0; end the program if status is not 0. */
void error(int status, int error_number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
