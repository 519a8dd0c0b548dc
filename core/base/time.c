/* Points in time as RFC 3339 text, and the near relatives that Python and strftime write. */
#include "base/err.h"
#include "base/text.h"

#define DAY_MS INT64_C(86400000)
#define LAST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define TEXT_MAX 64

struct civil {
	int year, month, day;
	int hour, minute, second;
	int milli;
	int offset_minutes;
};

/* Days since 1970-01-01. Years begin in March here, so that the leap day comes last. */
static int64_t days_of(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

static void civil_of(struct civil *civil, int64_t days)
{
	int year = 1970 + (int)(days / 366);
	int month = 1;

	/* The guess is never late, and at most a few years early. */
	while (days_of(year + 1, 1, 1) <= days)
		year++;
	while (month < 12 && days_of(year, month + 1, 1) <= days)
		month++;
	civil->year = year;
	civil->month = month;
	civil->day = (int)(days - days_of(year, month, 1)) + 1;
}

/* Writes the last count digits of value, then separator. */
static char *put_digits(char *at, size_t count, int value, char separator)
{
	at[count] = separator;
	for (size_t i = count; i > 0; i--) {
		at[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + count + 1;
}

void vs_time_format(char text[VS_TIME_TEXT], int64_t wall_ms)
{
	int64_t ms = wall_ms < 0 ? 0 : wall_ms > LAST_MS ? LAST_MS : wall_ms;
	int in_day = (int)(ms % DAY_MS);
	struct civil civil;

	/* Without snprintf: a list of clients holds a dozen of these for each of them. */
	civil_of(&civil, ms / DAY_MS);
	text = put_digits(text, 4, civil.year, '-');
	text = put_digits(text, 2, civil.month, '-');
	text = put_digits(text, 2, civil.day, 'T');
	text = put_digits(text, 2, in_day / 3600000, ':');
	text = put_digits(text, 2, in_day / 60000 % 60, ':');
	text = put_digits(text, 2, in_day / 1000 % 60, '.');
	text = put_digits(text, 3, in_day % 1000, 'Z');
	*text = '\0';
}

/* Takes exactly count digits off the front; false when they are not there. */
static bool take_number(struct vs_view *text, size_t count, int *value)
{
	*value = 0;
	if (text->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		char c = text->ptr[i];

		if (c < '0' || c > '9')
			return false;
		*value = *value * 10 + (c - '0');
	}
	text->ptr += count;
	text->len -= count;
	return true;
}

static bool take_one_of(struct vs_view *text, const char *set)
{
	for (; text->len > 0 && *set; set++) {
		if (text->ptr[0] == *set) {
			text->ptr++;
			text->len--;
			return true;
		}
	}
	return false;
}

static bool take_fraction(struct vs_view *text, int *milli)
{
	int worth = 100;
	int digit;

	*milli = 0;
	if (!take_one_of(text, ".,"))
		return true;
	if (!take_number(text, 1, &digit))
		return false;
	do {
		*milli += digit * worth;
		worth /= 10;
	} while (take_number(text, 1, &digit));
	return true;
}

static bool take_offset(struct vs_view *text, int *minutes)
{
	bool west = text->len > 0 && text->ptr[0] == '-';
	int hour;
	int minute;

	*minutes = 0;
	if (take_one_of(text, "Zz"))
		return true;
	if (!take_one_of(text, "+-") || !take_number(text, 2, &hour))
		return false;
	take_one_of(text, ":");
	if (!take_number(text, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = (hour * 60 + minute) * (west ? -1 : 1);
	return true;
}

static bool take_civil(struct vs_view *text, struct civil *civil)
{
	return take_number(text, 4, &civil->year) && take_one_of(text, "-") &&
	       take_number(text, 2, &civil->month) && take_one_of(text, "-") &&
	       take_number(text, 2, &civil->day) && take_one_of(text, "Tt ") &&
	       take_number(text, 2, &civil->hour) && take_one_of(text, ":") &&
	       take_number(text, 2, &civil->minute) && take_one_of(text, ":") &&
	       take_number(text, 2, &civil->second) && take_fraction(text, &civil->milli) &&
	       take_offset(text, &civil->offset_minutes);
}

/* A leap second (60) is let through; it becomes the first of the next minute. */
static bool civil_is_valid(const struct civil *civil)
{
	return civil->year >= 1970 && civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
	       civil->day <= month_length(civil->year, civil->month) && civil->hour <= 23 &&
	       civil->minute <= 59 && civil->second <= 60;
}

int vs_time_parse(int64_t *wall_ms, struct vs_view text)
{
	struct civil civil;
	int64_t seconds;
	int64_t ms;

	if (text.len > TEXT_MAX || !take_civil(&text, &civil) || text.len > 0 || !civil_is_valid(&civil))
		return VS_ERR_INVALID;
	seconds = days_of(civil.year, civil.month, civil.day) * 86400 + civil.hour * 3600 +
		  (civil.minute - civil.offset_minutes) * 60 + civil.second;
	ms = seconds * 1000 + civil.milli;
	if (ms < 0 || ms > LAST_MS)
		return VS_ERR_INVALID;
	*wall_ms = ms;
	return 0;
}
