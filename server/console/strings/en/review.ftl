# The queue
queue-title = Conflicts to decide
queue-lead = Urgent first, then the longest waiting.
queue-empty = No conflict waits for a decision
queue-empty-lead = When people write different things about the same matter, it appears here.
queue-urgent-note = Urgent cases have been sent to every unit in question; they still need a decision soon.
harm-urgent = Urgent, sent provisionally
harm-urgent-case = Urgent
harm-waiting = Held until decided
open-for = open for { $span }
col-harm = Harm
col-question = Question
col-between = What each wrote
col-age = Open for
overdue-title = Overdue
latest-title = Latest cases
latest-empty = There is no case yet that you may see.
col-case = Case
col-matter = Category and place
col-turn = Whose turn
col-due = Due
mark-disputed = In conflict

# Conflicts, as questions
question-any = { $field }: which one holds?
question-category = Which category?
question-place = Which place?
question-subject = Who is responsible?
question-person-name = Who is the person?
question-person-id_number = Which ID number is right?
question-household = Which household?
question-outcome = What was the outcome?
question-closure_note = Which note on closing holds?
question-holder = A household or an enterprise?
question-name = Which name?
question-contact_cadre = Who is the contact cadre?

base-title = { $n ->
    [2] Both had seen
   *[other] All had seen
}
base-none = Not set before
side-made = Written
side-received = Arrived
side-delay = { $span } later
side-unseen = Had not seen { $others }
side-resolution = A reviewer's decision
device-of = device { $id }
device-desk = at the desk
choice-other = Neither; it is
choice-other-value = Another value
choice-other-hint = Find by name or code
choice-none = None holds; leave it empty
masked-hint = The middle of numbers is hidden. Choosing a side takes its whole number; another one must be typed whole.
why-title = Reason
why-phoned = Checked by telephone
why-evidence = Photographs or papers show it
why-register = The register says so
why-other = Other
why-own = In your words (needed with Other)
why-and = { $ready }: { $own }
preview = See what follows
preview-again = Work it out again
preview-hint = First see who would handle it and by when, then confirm. Nothing is recorded yet.
follows-title = If you confirm
follows-nothing = What was decided stands
follows-leaves = No longer see this case:
follows-joins = Will see this case:
follows-waits = Before it is decided it waits for:
error-moved = Things changed while you looked: what would follow is not what you saw. Below is what would follow now; confirm it again. Nothing has been recorded yet.
record = Confirm and record
record-follows = Kept in your name with its reason, and sent back to every device. What each side wrote stays in the history. After the case settles it is decided anew: by whom, and by when.
not-a-reviewer = Reviewers decide this. You may look, not decide.
agreed-title = Not in question
to-case = See the whole case

error-reason = The reason is missing.
error-reason-long = The reason is too long: at most 500 characters.
error-choice = Nothing is chosen yet.
error-both = A side is chosen and another value typed. Keep one of them.
error-stale = Something new arrived while you were writing; it is shown now. Look again, choose and record. Your reason is kept; nothing has been recorded yet.
error-slipped-in = Your decision is recorded. Something else arrived at the same moment; please decide on both.
error-masked = This is the hidden form of a number. Choose a side, or type the whole number.
error-unlisted = The district has no such code. Take one from the list.
error-value = This value does not fit.
error-resumed = You are signed in again; what you typed is here. Check it and record.
error-no-checkout = Nobody has this case checked out now.
