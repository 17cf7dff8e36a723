/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The date from a number of days, in the Gregorian calendar. Years are counted from March, so that
 * the day that only leap years have is their last, and the months' lengths follow one line.
 */
#include "timestamp.h"

#include <stdio.h>

#define DAY_SECONDS    86400
#define YEARS_400_DAYS 146097 /* the calendar repeats itself */
#define YEARS_100_DAYS 36524
#define YEARS_4_DAYS   1461
#define EPOCH_DAYS     719468 /* from 0000-03-01 to 1970-01-01 */

void timestamp_format(time_t seconds, char ret_text[TIMESTAMP_MAX])
{
	unsigned long long time = seconds > 0 ? (unsigned long long)seconds : 0;
	unsigned long long days = time / DAY_SECONDS + EPOCH_DAYS;
	unsigned int second = (unsigned int)(time % DAY_SECONDS);
	unsigned int day = (unsigned int)(days % YEARS_400_DAYS);
	unsigned int year, month;

	/* Less the leap days before it, a day is in the year that 365 divides it into. */
	year = (day - day / (YEARS_4_DAYS - 1) + day / YEARS_100_DAYS - day / (YEARS_400_DAYS - 1)) /
	       365;
	day -= 365 * year + year / 4 - year / 100;
	/* March to January are 31, 30, 31, 30, 31 days twice over, and one more of 31: 153 in five. */
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	year += (unsigned int)(days / YEARS_400_DAYS) * 400 + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;

	snprintf(ret_text, TIMESTAMP_MAX, "%04u-%02u-%02uT%02u:%02u:%02u", year, month, day + 1,
		 second / 3600, second / 60 % 60, second % 60);
}
