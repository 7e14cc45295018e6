/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers with units: times, rates and chances, as tc writes them. */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

#define CLI_UNITS_TEXT_MAX 32

/* "1.5ms", to nanoseconds; "0.01%", to parts of 10^9; "100mbit", to bits a second. 0 needs no unit. */
bool cli_time_parse(const char *word, uint64_t *ns);
bool cli_chance_parse(const char *word, uint64_t *ppb);
bool cli_rate_parse(const char *word, uint64_t *bps);

/* The same word as text, so that it is read as the same number. @return `text` @{ */
char *cli_time_format(uint64_t ns, char text[CLI_UNITS_TEXT_MAX]);
char *cli_chance_format(uint64_t ppb, char text[CLI_UNITS_TEXT_MAX]);
char *cli_rate_format(uint64_t bps, char text[CLI_UNITS_TEXT_MAX]);
/* @} */

/* Arguments of these types, as cli_arg_addr(). @{ */
bool cli_arg_time(const struct cli_call *call, const char *name, uint64_t *ns);
bool cli_arg_chance(const struct cli_call *call, const char *name, uint32_t *ppb);
bool cli_arg_rate(const struct cli_call *call, const char *name, uint64_t *bps);
/* @} */

#endif
