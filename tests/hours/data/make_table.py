"""Writes pandas.csv: business time by pandas' own tools, for New York with the federal holidays. Needs pandas; tests only read the table."""
import csv
import random

import pandas
from pandas.tseries.holiday import USFederalHolidayCalendar
from pandas.tseries.offsets import CustomBusinessDay, CustomBusinessHour

ZONE = "America/New_York"
random.seed(20261123)
holidays = USFederalHolidayCalendar()
day = CustomBusinessDay(calendar=holidays)
hour = CustomBusinessHour(start="09:00", end="17:00", calendar=holidays)


def utc(local):
    return local.tz_localize(ZONE).tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")


rows = []
first = pandas.Timestamp("2024-01-01")
while len(rows) < 400:
    start = first + pandas.Timedelta(minutes=random.randrange(7 * 365 * 1440))
    days = random.randint(1, 12)
    # On other days pandas keeps the time of day, and the desk's clocks begin at the next business day's midnight.
    if day.is_on_offset(start):
        rows.append(["business_days", utc(start), 24 * days, utc(start + days * day)])
while len(rows) < 800:
    # Not at whole hours: which of two days an end on the stroke of closing belongs to is a matter of taste.
    start = first + pandas.Timedelta(minutes=random.randrange(7 * 365 * 24) * 60 + random.randint(1, 59))
    if not 2 <= start.hour < 3 and not 1 <= start.hour < 2:
        hours = random.randint(1, 60)
        opened = start if hour.is_on_offset(start) else hour.rollforward(start)
        if opened.minute:
            rows.append(["opening_hours", utc(start), hours, utc(start + hours * hour)])
with open("pandas.csv", "w", newline="") as table:
    csv.writer(table, lineterminator="\n").writerows([["meaning", "start", "hours", "due"], *rows])
