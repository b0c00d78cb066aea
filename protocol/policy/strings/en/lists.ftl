# What is wrong with the lists of a pack: files, units, calendars, names for people.
missing-file = { $file } is missing
    .remedy = add the file to the pack
missing-locale = { $file } is missing
    .remedy = add the file or drop the locale

# units.csv
units-header = the list does not begin with the names of its columns
    .remedy = write code,name,level,parent,from,until in line 1, and also after that where units have other names
row-cells = { $n } cells where 6 or 7 are expected
    .remedy = write code,name,level,parent,from,until, and after that other names, if any, parted by a semicolon; level is village, town, department or district; dates are empty or like 2022-12-29
units-also = "{ $name }" is too short for a name that people call a unit by
    .remedy = write names of two characters or more into also, parted by ;
row-nameless = a unit without code or name
    .remedy = write code,name,level,parent,from,until; level is village, town, department or district; dates are empty or like 2022-12-29
row-level = unknown level "{ $level }"
    .remedy = write code,name,level,parent,from,until; level is village, town, department or district; dates are empty or like 2022-12-29
row-date = "{ $date }" is not a date
    .remedy = write code,name,level,parent,from,until; level is village, town, department or district; dates are empty or like 2022-12-29
units-twice = { $unit } is in the list twice for the same time
    .remedy = end the earlier row with `until` where the later one begins with `from`
units-loop = { $unit } is above itself
    .remedy = correct the parent
units-orphan = { $unit } is under { $missing }, which is not in the list
    .remedy = add the unit or correct the parent
units-orphans = { $unit } is under { $missing }, which is not in the list, and so are { $others } others
    .remedy = add the unit or correct the parent
units-same-name = { $unit } has the name and the parent of { $other } in line { $line }
    .remedy = correct the name, or remove one of the rows
cell-spaces = a cell begins or ends with a space: "{ $cell }"
    .remedy = take out the space
cell-invisible = a cell has a character that nobody sees
    .remedy = write the cell anew, without copying it
cell-quoted = a cell has quotation marks: { $cell }
    .remedy = write it without
cell-no-code = "{ $cell }" cannot be a code
    .remedy = write digits, letters a to z and -
units-date = the date is not in the years { $first } to { $last }
    .remedy = correct the date; leave it empty where there is none
units-period = { $unit } ends before it begins
    .remedy = `until` is the first day on which it is no more, and lies after `from`
units-code = { $unit } has { $has } digits; a code of this level has { $digits }
    .remedy = correct the code or the level; what is no division has letters in its code
units-order = this row of { $unit } is earlier than the one in line { $line }
    .remedy = write the rows of one unit in order of time
units-no-parent = { $unit } is under no unit
    .remedy = write the code of the unit above; only the district has none
units-district-parent = the district { $unit } is under { $above }
    .remedy = leave the parent of the district empty
units-depth = { $unit } has { $most } or more units above it
    .remedy = correct the parent; villages are under towns, towns under the district
units-parent-level = { $unit } is under { $above }, which is no unit above it
    .remedy = correct the level or the parent
units-ended = { $unit } goes on although { $above }, which it is under, has ended
    .remedy = end this row with the same `until`, and add one under the unit that came after

# Calendars
calendar-none = there is no calendar: holidays would count as working days
    .remedy = add a file a year, such as calendars/cn-2025.ics
calendar-year-twice = the holidays of { $year } are in { $other } too
    .remedy = remove one of the two files
calendar-contradicts = { $day } is worked here and off in { $other }, or the other way round
    .remedy = correct the one that is wrong
calendar-gap = there are holidays for { $year } and { $next } and none between
    .remedy = add the calendars of the years between
calendar-begins = { $part } begins where it cannot
    .remedy = get the file again: it is cut off or was joined from two
calendar-ends = { $part } ends where it did not begin
    .remedy = get the file again: it is cut off or was joined from two
calendar-cut = the file ends before { $part }, which begins in line { $begun }, has ended
    .remedy = get the file again: it is cut off or was joined from two
calendar-no-calendar = this is no calendar: BEGIN:VCALENDAR and END:VCALENDAR are missing
    .remedy = get the file again: it is cut off or was joined from two
calendar-empty = no holiday in this calendar
    .remedy = use a file whose events are days marked 休 (off) or 班 (worked)
calendar-event-blank = an event says no day or no kind
    .remedy = give DTSTART;VALUE=DATE and a SUMMARY or DESCRIPTION with 休 or 班
calendar-event-end = an event ends on no day: { $day }
    .remedy = write it like 20250102
calendar-event-endless = an event from { $day } says no end, and counts as one day
    .remedy = give DTEND;VALUE=DATE, the day after the last
calendar-event-year = an event is in the year { $year }
    .remedy = write a day in the years { $first } to { $last }
calendar-event-begins = an event begins twice
    .remedy = remove one DTSTART
calendar-event-kinds = an event is marked 休 and 班
    .remedy = leave one of the two: 休 is off, 班 is worked
calendar-event-worked = { $day } is marked 班, but is no weekend and worked anyway
    .remedy = correct the day: what is worked to make up for a holiday is a Saturday or Sunday
calendar-event-days = an event lasts { $days } days; 1 to { $most } are allowed
    .remedy = correct DTSTART and DTEND; DTEND is the day after the last
calendar-day-twice = { $day } is in two events of this file
    .remedy = remove one of the two

# Names for people
unused-locale = nobody reads this file: "{ $locale }" is not among the locales
    .remedy = add it to `locales` in [pack], or rename or remove the file
string-missing = { $locale } has no message "{ $id }"
    .remedy = add `{ $id } = ...`
string-misspelt = { $locale } has no message "{ $id }"
    .remedy = correct "{ $other }" in this line, or add `{ $id } = ...`
string-invisible = "{ $id }" has a character that nobody sees
    .remedy = write the line anew, without copying it
string-empty = "{ $id }" says nothing
    .remedy = write what people are to read
string-twice = "{ $id }" is in line { $line } already
    .remedy = remove one of the two
string-syntax = this line is no message
    .remedy = write `id = text` on one line, the id in letters a to z, digits and -; or begin with #

