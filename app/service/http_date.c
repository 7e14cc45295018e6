/* SPDX-License-Identifier: BSD-3-Clause */
/* Dates: RFC 9110 5.6.7. */
#include "service/http_date.h"

#define DAY 86400

struct date {
	uint32_t year, month, day; /* month and day from 1 on */
	uint32_t hour, minute, second;
};

static const char days[7][10] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday" };
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/*
 * Days since 1970-01-01 of a date of the Gregorian calendar. Years begin with March here, so that a
 * leap day is the last one of its year.
 */
static uint64_t
days_from_date(const struct date *d)
{
	uint64_t year = d->month <= 2 ? d->year - 1 : d->year;
	uint64_t era = year / 400, of_era = year % 400;
	uint64_t month = (d->month + 9) % 12;
	uint64_t of_year = (153 * month + 2) / 5 + d->day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void
date_from_days(uint64_t days_1970, struct date *d)
{
	uint64_t n = days_1970 + 719468, era = n / 146097, day = n % 146097;
	uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	uint64_t of_year = day - (365 * year + year / 4 - year / 100);
	uint64_t month = (5 * of_year + 2) / 153;

	d->day = (uint32_t)(of_year - (153 * month + 2) / 5 + 1);
	d->month = (uint32_t)(month < 10 ? month + 3 : month - 9);
	d->year = (uint32_t)(year + era * 400 + (d->month <= 2));
}

static void
digits_build(char *out, uint32_t value, unsigned count)
{
	while (count-- > 0) {
		out[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
http_date_build(uint64_t seconds, char *out)
{
	static const char pattern[HTTP_DATE_LENGTH] = "Day, 00 Mon 0000 00:00:00 GMT";
	uint64_t since = seconds / DAY, of_day = seconds % DAY;
	struct date d;

	date_from_days(since, &d);
	memcpy(out, pattern, sizeof(pattern));
	memcpy(out, days[(since + 4) % 7], 3); /* 1970 began on a Thursday */
	digits_build(out + 5, d.day, 2);
	memcpy(out + 8, months + (size_t)(d.month - 1) * 3, 3);
	digits_build(out + 12, d.year, 4);
	digits_build(out + 17, (uint32_t)(of_day / 3600), 2);
	digits_build(out + 20, (uint32_t)(of_day / 60 % 60), 2);
	digits_build(out + 23, (uint32_t)(of_day % 60), 2);
}

/* What the pattern has as 'd' and the others below is a character of that number or name. */
static bool
digit_take(char c, uint32_t *value)
{
	if (c < '0' || c > '9')
		return false;
	*value = *value * 10 + (uint32_t)(c - '0');
	return true;
}

static bool
month_take(const char *text, uint32_t *month)
{
	for (*month = 1; *month <= 12; (*month)++) {
		if (memcmp(text, months + (size_t)(*month - 1) * 3, 3) == 0)
			return true;
	}
	return false;
}

/*
 * Read by a pattern: D, N (a month), Y, h, m, s are what they say; '_' is a digit of the day or a
 * blank; all else stands for itself.
 */
static bool
pattern_parse(struct http_text text, const char *pattern, struct date *d)
{
	*d = (struct date){ 0 };
	if (text.length != strlen(pattern))
		return false;
	for (uint32_t i = 0; i < text.length; i++) {
		char c = text.at[i];
		bool good;

		switch (pattern[i]) {
		case 'D': good = digit_take(c, &d->day); break;
		case 'Y': good = digit_take(c, &d->year); break;
		case 'h': good = digit_take(c, &d->hour); break;
		case 'm': good = digit_take(c, &d->minute); break;
		case 's': good = digit_take(c, &d->second); break;
		case '_': good = c == ' ' || digit_take(c, &d->day); break;
		case 'N':
			good = month_take(text.at + i, &d->month);
			i += 2;
			break;
		default: good = c == pattern[i];
		}
		if (!good)
			return false;
	}
	return true;
}

static bool
is_leap(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool
date_is_valid(const struct date *d)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (d->year < 1970 || d->day < 1 ||
		d->day > lengths[d->month - 1] + (uint32_t)(d->month == 2 && is_leap(d->year)))
		return false;
	/* 60: a leap second. */
	return d->hour < 24 && d->minute < 60 && d->second <= 60;
}

/* A year of two digits that looks more than 50 years ahead is one of the past. */
static void
century_add(struct date *d, uint64_t now)
{
	struct date today;

	date_from_days(now / DAY, &today);
	d->year += today.year / 100 * 100;
	if (d->year > today.year + 50)
		d->year -= 100;
}

/* @return the length of the name of a day that the text begins with; 0: it does not */
static uint32_t
day_name_length(struct http_text text, bool whole)
{
	for (unsigned i = 0; i < 7; i++) {
		uint32_t length = whole ? (uint32_t)strlen(days[i]) : 3;

		if (text.length > length && memcmp(text.at, days[i], length) == 0)
			return length;
	}
	return 0;
}

bool
http_date_parse(struct http_text text, uint64_t now, uint64_t *seconds)
{
	uint32_t brief = day_name_length(text, false), whole = day_name_length(text, true);
	const struct http_text after = { text.at + brief, text.length - brief };
	const struct http_text after_whole = { text.at + whole, text.length - whole };
	struct date d;

	if (brief == 0)
		return false;
	if (!pattern_parse(after, ", DD N.. YYYY hh:mm:ss GMT", &d) &&
		!pattern_parse(after, " N.. _D hh:mm:ss YYYY", &d)) {
		if (whole == 0 || !pattern_parse(after_whole, ", DD-N..-YY hh:mm:ss GMT", &d))
			return false;
		century_add(&d, now);
	}
	if (!date_is_valid(&d))
		return false;
	*seconds = days_from_date(&d) * DAY + d.hour * 3600 + d.minute * 60 + d.second;
	return true;
}
