"""Counting of days (rulebook section 4). A day is an int: the proleptic Gregorian ordinal of `datetime.date`."""

import json
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=None)
def parse_day(text):
    """'YYYY-MM-DD' -> day; the empty string -> None."""
    return date.fromisoformat(text).toordinal() if text else None


@lru_cache(maxsize=None)
def show_day(day):
    return "" if day is None else date.fromordinal(day).isoformat()


def month_length(year, month):
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


@lru_cache(maxsize=None)
def add_months(day, n):
    """Keeps the day number and clamps it to the month's last day."""
    start = date.fromordinal(day)
    years, month0 = divmod(start.month - 1 + n, 12)
    year, month = start.year + years, month0 + 1
    return date(year, month, min(start.day, month_length(year, month))).toordinal()


@lru_cache(maxsize=None)
def months_starting_with(day, n):
    """The day before the corresponding date; where the month has no such day, that month's last day."""
    landed = add_months(day, n)
    if date.fromordinal(landed).day != date.fromordinal(day).day:
        return landed
    return landed - 1


@lru_cache(maxsize=None)
def birthday(born, age):
    """The day on which a child attains an age; one born on 29 February does so on 1 March in other years."""
    day = date.fromordinal(born)
    if (day.month, day.day) == (2, 29) and month_length(day.year + age, 2) == 28:
        return date(day.year + age, 3, 1).toordinal()
    return day.replace(year=day.year + age).toordinal()


class Calendar:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            events = json.load(file)["england-and-wales"]["events"]
        self.holidays = {parse_day(event["date"]) for event in events}
        self._after, self._tribunal, self._before = {}, {}, {}

    def is_working_day(self, day):
        return (day - 1) % 7 < 5 and day not in self.holidays

    def is_tribunal_day(self, day):
        if not self.is_working_day(day):
            return False
        on = date.fromordinal(day)
        if on.month == 8 or (on.month == 12 and on.day >= 25) or (on.month == 1 and on.day == 1):
            return False
        return True

    def working_days_after(self, day, n):
        if (day, n) not in self._after:
            at, left = day, n
            while left > 0:
                at += 1
                if self.is_working_day(at):
                    left -= 1
            self._after[day, n] = at
        return self._after[day, n]

    def working_days_beginning_with(self, day, n):
        return self.working_days_after(day - 1, n)

    def tribunal_days_after(self, day, n):
        if (day, n) not in self._tribunal:
            at, left = day, n
            while left > 0:
                at += 1
                if self.is_tribunal_day(at):
                    left -= 1
            self._tribunal[day, n] = at
        return self._tribunal[day, n]

    def last_working_day_by(self, day):
        if day not in self._before:
            at = day
            while not self.is_working_day(at):
                at -= 1
            self._before[day] = at
        return self._before[day]

    def plain_count(self, count, day, n):
        """The counts that need nothing but the start date. None for one that needs other facts."""
        if count == "within_weeks":
            return day + 7 * n
        if count == "within_days":
            return day + n
        if count == "days_beginning_with":
            return day + n - 1
        if count == "months_starting_with":
            return months_starting_with(day, n)
        if count == "months_starting_with_less_28d":
            return months_starting_with(day, n) - 28
        if count == "months_after":
            return add_months(day, n)
        if count == "months_before":
            return add_months(day, -n)
        if count == "notice_weeks":
            return day - 7 * n
        if count == "before_15_feb":
            return date(date.fromordinal(day).year, 2, 14).toordinal()
        if count == "before_31_mar":
            return date(date.fromordinal(day).year, 3, 30).toordinal()
        if count == "working_days_after":
            return self.working_days_after(day, n)
        if count == "working_days_beginning_with":
            return self.working_days_beginning_with(day, n)
        if count == "tribunal_days_after":
            return self.tribunal_days_after(day, n)
        return None
