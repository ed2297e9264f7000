"""English names of months and weekdays, which addresses and formats have whatever the locale of the machine."""

from __future__ import annotations

#: January first.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: Monday first, as `datetime.weekday` counts them.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
