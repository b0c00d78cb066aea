
# Ledger and case file
ledger-title = Ledger of cases
ledger-nr = No.
ledger-number = Number
ledger-date = Registered
ledger-person = Person
ledger-contact = Contact
ledger-place = Place
ledger-matter = Matter
ledger-class = Category
ledger-unit = Responsible unit
ledger-worker = Responsible person
ledger-due = Due
ledger-progress = Progress
ledger-result = Result
ledger-satisfaction = Satisfaction
ledger-struck = Struck off
ledger-urgency = Urgency
ledger-closed = { $how }, { $when }
ledger-not-closed = No
ledger-at = { $stage } ({ $step })
ledger-more = On paper only the first 500; the exported file has all of them.
ledger-cut = Only the first { $n } are listed. Narrow the filters and export in parts.
deadlines-title = Deadlines
deadlines-table = Deadlines as a table
deadlines-said = Current step: { $step }, due { $due }, { $word }
deadlines-today = Today
deadline-kept = In time
deadline-late = { $span } late
deadline-ended = Ended
deadline-col-from = From
deadline-col-state = How it stands

file-title = Case file
file-contents = Contents
file-printed = Printed
file-none = No files.
file-signed = Signed
file-signed-for = in the place of
file-day = Date
to-file = Case file (to print)

# Masked numbers
reveal-title = The whole number
reveal-lead = Numbers are masked in the middle. To see one, say why; it is noted.
reveal-which = Which one
reveal-reason = Reason
reveal = Show, and note it
reveal-noted = It is noted that you have seen this. Once you leave this page you have to ask again.
reveal-done = Done
reveal-log = Who has seen whole numbers
error-reveal-reason = The reason is missing. Nothing was shown.
