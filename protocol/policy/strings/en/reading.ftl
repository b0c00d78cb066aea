# What does not read in a file of a pack: entries, figures, words, conditions. Each with its remedy.
quoted = "{ $name }"
joint = { ", " }
show-packs = the packs that ship
show-examples = the examples of packs that ship

# TOML
toml-twice = this entry stands here twice
    .remedy = remove one of the two
toml-open-table = the name of a table has no closing bracket
    .remedy = write it like [settle] or [[route]]
toml-open-tables = the name of a table has no closing bracket
    .remedy = write it like [[route]]
toml-open-list = a list has no closing bracket
    .remedy = end the list with ]
toml-open-braces = a table in braces is not closed
    .remedy = end it with { "}" }
toml-no-value = an entry has no value
    .remedy = write it like name = "value"
toml-unquoted = a text has no quotation marks
    .remedy = write it like "text"
toml-comma-missing = a comma is missing before this
    .remedy = separate entries and items with commas
toml-comma-extra = there is a comma too many
    .remedy = remove it
toml-open-text = a text has no closing quotation mark
    .remedy = end the text with " on the same line
toml-open-literal = a text has no closing quotation mark
    .remedy = end the text with ' on the same line
toml-leading-zero = a number begins with 0
    .remedy = write it without the 0; a code is a text: "0511"
toml-no-day = there is no such day or time
    .remedy = write one that exists, like 2026-03-01T00:00:00+08:00
toml-no-equals = an equals sign is missing
    .remedy = write it like name = "value"
toml-syntax = the file cannot be read from here on
    .remedy = look at this line and the one before for a quotation mark, bracket, comma or equals sign too many or too few
toml-unknown-entry = there is no entry "{ $name }" in this table
    .remedy = { $choice }
toml-unknown-word = "{ $name }" is none of the words that can stand here
    .remedy = { $choice }
choice-none = remove it
choice-near = write "{ $near }", or another of { $known }
choice = write one of { $known }
toml-lacks = this table lacks `{ $name }`
    .remedy = add `{ $name } = ...`; { $show } show how
toml-entry-twice = `{ $name }` stands here twice
    .remedy = remove one of the two
toml-too-large = the number { $shown } is too large
    .remedy = write a smaller whole number
toml-not-one = { $shown } has not exactly one entry
    .remedy = write exactly one entry, such as { "{" } days = 15 { "}" }
toml-wanted = { $shown } stands where { $wanted } is needed
    .remedy = write { $wanted }; { $show } show how
toml-text-or-list = { $shown } stands where a text or a list of texts is needed
    .remedy = write it like "water", or ["water", "roads"] for values in dispute
toml-text-or-table = { $shown } stands where a text, or a table of exactly one entry, is needed
    .remedy = write a word in quotation marks, or such as { "{" } days = 15 { "}" }; { $show } show which
toml-no-offset = { $shown } has no offset
    .remedy = write it like 2025-03-03T10:00:00+08:00
toml-far-away = { $shown } is too far away to be counted with
    .remedy = write a year of ours
toml-no-duration = { $shown } is not a duration
    .remedy = write one such as PT2M or P3D
toml-not-along = { $shown } is not a time on a ladder
    .remedy = write "75%" or "100%+P3D"
toml-no-hour = { $shown } is no hour
    .remedy = write one such as "18:00"
toml-unread = { $shown } cannot stand here
    .remedy = correct the entry; { $show } show every one
wanted-text = a text in quotation marks
wanted-number = a whole number that is not negative and not huge
wanted-flag = true or false
wanted-list = a list in brackets
wanted-moment = a date and time without quotation marks, like 2025-03-03T10:00:00+08:00
wanted-hour = an hour such as "17:00"
wanted-one = exactly one entry, such as { "{" } days = 15 { "}" }
wanted-table = a table with entries of its own

# Figures
unknown-figure = `{ $key }` is no figure that is known here
    .remedy = remove it; the packs that ship show every entry
figure-not-whole = `{ $key }` is { $written }, not a whole number
    .remedy = write a whole number from { $least } to { $most } ({ $of })
figure-whole = `{ $key }` is { $written }; { $least } to { $most } { $of } are allowed
    .remedy = write a whole number from { $least } to { $most } ({ $of })
figure-not-time = `{ $key }` is { $written }, not a length of time
    .remedy = write a length of time from { $least } to { $most }, such as PT12H or P3D
figure-time = `{ $key }` is { $written }; { $least } to { $most } is allowed
    .remedy = write a length of time from { $least } to { $most }, such as PT12H or P3D
figure-not-along = `{ $key }` is { $written }, not a time on a ladder
    .remedy = write "1%" to "100%", or "100%+" and a length of time up to { $most }, such as "100%+P3D"
figure-along = `{ $key }` is { $written }; at most { $most } after the due time is allowed
    .remedy = write "1%" to "100%", or "100%+" and a length of time up to { $most }, such as "100%+P3D"
figure-hour = `{ $key }` is { $written }, not an hour of the day
    .remedy = write an hour such as "17:00"
figure-moment = `{ $key }` is { $written }, not a date and time (write it without quotation marks)
    .remedy = write it like 2025-03-03T10:00:00+08:00, in the years { $first } to { $last }
figure-moment-part = `{ $key }` is { $written }, not a date, a time and an offset
    .remedy = write it like 2025-03-03T10:00:00+08:00, in the years { $first } to { $last }
figure-moment-year = `{ $key }` is { $written }, which is not in the years { $first } to { $last }
    .remedy = write it like 2025-03-03T10:00:00+08:00, in the years { $first } to { $last }
of-days = days
of-working-days = working days
of-hours = hours
of-working-hours = working hours
of-referrals = referrals
of-times = times
of-attempts = attempts
of-percent = percent
of-cases = cases
of-claims = claims
of-pieces-of-evidence = pieces of evidence
of-units = units
of-points = points
of-codes = codes
of-places = places
of-attachments = attachments
of-people = people

# Words
empty-list = `{ $key }` is an empty list
    .remedy = write what belongs in it, or take out the entry or its table
no-basis = a rule quotes no basis
    .remedy = quote the law, notice or mechanism, or say that it was chosen
blank = `{ $key }` is empty
    .remedy = write what belongs there, or take out the entry
invisible = `{ $key }` has a character that nobody sees: { $hidden }
    .remedy = write the text anew, without copying it
too-long = `{ $key }` has more than { $most } characters
    .remedy = shorten it
bad-id = `{ $key }` is "{ $id }", which cannot be a code
    .remedy = write letters a to z, digits, - and _, at most { $most }; its name goes into strings/
spaces = `{ $key }` begins or ends with a space: "{ $text }"
    .remedy = take out the space
listed-twice = "{ $text }" stands in `{ $key }` twice
    .remedy = remove one
unknown-value = there is no { $what } "{ $value }"
    .remedy = write one of { $known }
unknown-purpose = no attachment can have the purpose "{ $purpose }"
    .remedy = write a code such as { $known }

# Conditions
cel-long = the condition has more than { $most } characters
    .remedy = write it as several routes
cel-empty = the condition is empty
    .remedy = write one such as category == 'water', or true for every case
cel-deep = the condition is nested too deeply to be read
    .remedy = write it shorter, or as several routes
cel-ends = the condition ends too early
    .remedy = { $how }
cel-syntax = the condition cannot be read from here on: { $shown }
    .remedy = { $how }
cel-how-equals = compare with == and write texts in single quotes: category == 'water'
cel-how-quotes = close every quotation mark; write texts in single quotes: category == 'water'
cel-how-joined = join comparisons with && and ||, close every bracket, and write texts in single quotes: category == 'water'
cel-unknown-name = the condition reads "{ $name }", which is not in `reads`
    .remedy = add the field to `reads` in [pack], or correct the name
cel-beyond = the condition uses more than conditions here can say
    .remedy = use comparison, in, &&, ||, !, startsWith, endsWith, contains or size
cel-function = the condition uses "{ $name }"
    .remedy = use comparison, in, &&, ||, !, startsWith, endsWith, contains or size
cel-gives = the condition gives { $type } where true or false is needed
    .remedy = compare texts with texts; the whole condition must be true or false
cel-unlike = the condition compares what cannot be compared
    .remedy = compare texts with texts; the whole condition must be true or false
cel-no-flag = the condition is { $kind }, no yes or no
    .remedy = compare texts with texts; the whole condition must be true or false
cel-mixed-list = the condition has a list with something other than texts in it
    .remedy = compare texts with texts; the whole condition must be true or false
cel-odd-part = the condition has a part that is neither a name, a text nor a comparison
    .remedy = compare texts with texts; the whole condition must be true or false
cel-joins = the condition joins { $one } and { $other } by { $sign }
    .remedy = compare texts with texts; the whole condition must be true or false
cel-applies = the condition applies { $sign } to { $kinds }
    .remedy = compare texts with texts; the whole condition must be true or false
cel-text = a text
cel-texts = a list of texts
cel-number = a number
cel-flag = a yes or no

