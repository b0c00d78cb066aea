# What the desk says. Entry by entry as in zh-CN.ftl.

brand = Doorstep
page-title = { $title } — Doorstep
desk = Desk
to-desk = Back to the desk
skip = Skip to content
other-language = 中文
sign-out = Sign out
and-separator = ,{" "}

# Signing in
sign-in = Sign in
sign-in-title = Sign in to the desk
sign-in-lead = The desk is for those who take in, handle and review. Visits are made with a device.
sign-in-wrong = Login and password do not belong together, or the account is locked for a while. After five wrong passwords, wait fifteen minutes.
sign-in-wrong-token = This token is wrong or has expired. Ask for a new one.
sign-in-no-desk = This token is valid, but its role has no desk. Work on your device.
sign-in-expired = Your session has ended. Sign in to return to the page.
sign-in-kept = Your session has ended; what you typed is kept. Sign in, check it and send it again.
login = Login
password = Password
token-instead = Sign in with a token
token = Access token
token-hint = Your administrator issues it with

# The account
account-title = My account
account-none = You signed in with a token and have no account. Whoever runs the server can open one with
password-due = Somebody else gave you this password. Choose one of your own before anything else.
password-title = Change the password
password-old = Password now
password-new = New password
password-hint = At least { $n } characters, without the login in it. A short sentence is easy to remember.
password-again = New password again
password-choose = Change password
password-chosen = The password is changed. You are signed out in every other browser.
password-wrong = The password that you have now is another. It was not changed.
password-differs = The two new passwords differ. The password was not changed.
password-length = A new password has 10 to 128 characters. The password was not changed.
password-same = This is the password that you have. It was not changed.
password-guessable = This password is guessed at once: it has the login in it, or one character only. It was not changed.
browsers-title = Where you are signed in
browsers-lead = If you do not know one of them, end it and change the password.
browser-here = this browser
browser-end = Sign out there
browser-ended = That browser is signed out.
col-browser = Browser
col-began = Since
col-seen = Last used
col-end = Action

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

# A case
kind-case = Case
kind-visit = Visit
kind-register = Register
kind-meeting = Meeting
registered = registered
turn-title = Whose turn
turn-step = Next step
due-by = due
waits-title = What it waits for
settled = Settled; it waits for nothing
settling-now = About to be decided
until = until
wait-announced = On its way
wait-announced-what = { $who }'s device has changes that have not arrived
wait-checkout = On a visit
wait-checkout-what = { $who } has this case along on a visit
wait-conflict = Conflict
wait-conflict-what = { $who }
wait-quiet = Quiet time
wait-quiet-what = It was just edited; more may follow
release = Wait no longer
release-reason = Stop waiting for the device on a visit: why
release-hint = What arrives later is still taken, and may amend the decision.
release-not-yours = If it must not wait, ask a reviewer.
note-resolved = Your decision is recorded. The case is decided anew after it settles.
note-closed = This conflict is not open any more: somebody decided it, or things changed. See decisions and history below.
note-released = The case no longer waits for devices on visits.
facts-title = Facts
fact-disputed = In conflict: decide
decisions-title = Decisions
decisions-none = Nothing has been decided yet.
reasons = Rules and basis
reason-read = Read
reason-basis = Basis
decided-by = Policy
files-title = Files
file-awaited = Not here yet: still on the device
file-picture = Picture
file-voice = Voice
file-paper = Paper
file-what = { $kind } · { $purpose } · { $size } KB
file-alt = Picture ({ $purpose }): { $name }
purpose-photo = Photo
purpose-voice = Recording
purpose-signature = Signature
purpose-before = Before
purpose-after = After
purpose-other = Other
history-title = Who wrote what
col-who = Who
col-wrote = Wrote
col-change = Change
wrote-text = Text or log

cause-Intake = first received
cause-Settled = the case settled
cause-Provisional = urgent, without settling
cause-Timer = time came: { $id }
cause-Review = a reviewer decided
cause-Command = { $unit }: { $name }
cause-PolicyMigration = new policy version
ladder-warn = nearly due
ladder-supervise = due
ladder-escalate = escalation
ladder-overdue = overdue

# Time
time = { $day } { $month } { $year }, { $clock }
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
span-moment = a moment
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
span-pair = { $a } { $b }
due-overdue = { $span } overdue
due-near = { $span } left
due-later = { $span } left

# Values
value-unset = not set
value-disputed = in conflict
urgency-normal = Normal
urgency-soon = Soon
urgency-urgent = Urgent
urgency-danger = Danger
severity-light = Light
severity-medium = Medium
severity-heavy = Heavy
role-worker = Worker
role-handler = Handler
role-reviewer = Reviewer
role-leader = Leader
role-inspector = Inspector
role-admin = Administrator
role-auditor = Auditor

channel-visit = Visit
channel-scan = Code scanned
channel-questionnaire = Questionnaire
channel-hotline = Hotline
channel-window = Service window
from-registration = registration
from-decision = the decision
time-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
time-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
time-same_day = the same day (received before { $until })
time-working_days = { $n ->
    [one] { $n } working day
   *[other] { $n } working days
}

field-title = Title
field-description = Description
field-category = Category
field-severity = Severity
field-urgency = Urgency
field-place = Place
field-subject = Responsible
field-person-name = Name
field-person-phone = Own telephone
field-person-id_number = ID number
field-household = Household
field-channel = Channel
field-contact_phone = Contact telephone
field-visit_time = Good time for a visit
field-tags = Tags
field-log = Log
field-attachments = Attachments
field-outcome = Outcome
field-signatures = Signatures
field-format = Format
field-visited_at = Visited at
field-cases = Cases
field-evidence = Evidence
field-reply = Reply
field-closure_note = Note on closing
field-callback = Callback
field-links = Linked
field-plan = Plan
field-team = Team
field-households = Households
field-outcomes = What the visit gave
field-holder = Household or enterprise
field-name = Name
field-address = Address
field-contact_cadre = Contact cadre
field-group = Group
field-members = Members
field-visits = Visits
field-help = Help given
field-notes = Notes
field-held_at = Held at
field-chair = Chair
field-agenda = Agenda
field-attendance = Attendance
field-minutes = Minutes
field-actions = Resulting actions
field-unit = Unit
field-from = From
field-to = To
field-owner = Owner before
field-due = Due
field-days = Days
field-reason = Reason
field-referrals = Referrals
field-tier = Tier
field-span = Time allowed
field-class = Deadline class
field-step = Step
field-limit = Limit
field-wanted = Wanted
field-year = Year
field-error = Error
field-author_unit = Author's unit
field-intake = Intake unit
field-stands = Standing unit
field-route = Routed to
field-fallback = Falls to

# Problems
problem-not-found = There is nothing here, or it is not for you
problem-not-found-next = Check the address, or ask somebody who may see it.
problem-signed-out = Your session has ended
problem-signed-out-next = Nothing was changed. Go back to the desk and sign in again.
problem-foreign = This form does not come from your session
problem-foreign-next = Nothing was changed. Open the page again and send it from there.
problem-moved-on = Things have changed
problem-moved-on-next = Nothing was changed. Look at how things stand now.
problem-fault = The server cannot do this now
problem-fault-next = Nothing was changed. Try again in a moment; if it stays so, tell your administrator.
problem-unread = What was sent does not read
problem-unread-next = Nothing was changed. Go back and correct it.

# Why a command was not done, by the rule that refuses.
refusal-command = “{ $command }” was not done: the case’s step, your unit or your role does not allow it, or something is not filled in. The case stands as it was. See the rule, or ask a colleague who may.
refusal-compartment = This case is in a compartment: only its own unit acts on it. The case stands as it was.
refusal-no-decision-yet = The case has not been taken in yet. Try again in a moment.
refusal-concerned = Whoever is concerned does not act on the case. It stands as it was. A colleague may act.
refusal-referral-limit = The case has been referred as often as the rules allow. It stands as it was. A leader named by the rules decides.
refusal-claim-outcome = No outcome is stated, or it is disputed. The case stands as it was. Write the outcome, then claim.
refusal-claim-evidence = Evidence that the rules want is missing. The case stands as it was. Attach it, then claim.
refusal-verify-own = Whoever claimed the case does not verify it. Ask a colleague or an inspector.
refusal-look_back-own = Whoever claimed the case does not look back on it. Ask a colleague.
refusal-callback-blind = Whoever handled the case does not ask the person. Another unit does.
refusal-signatures = Signatures are missing, or what was signed has changed. The case stands as it was. Have them signed first.
refusal-signature-role = This signature is not yours to delegate, or not to that person. Whoever may sign may delegate.
refusal-unusual-how = The rules know no such unusual way of closing. The case stands as it was. Choose one that they name.
refusal-unusual-attempts = Too few attempts are recorded. The case stands as it was. Try again and record it.
refusal-unusual-witness = Somebody else must have witnessed it. The case stands as it was. Name the witness.
refusal-unusual-approval = Whoever claimed the case does not approve this. Somebody higher does.
refusal-acceptance-late = The answer was due before now, so the case counts as accepted. Assign it.
refusal-extension-once = A case is extended once. The deadline stands.
refusal-extension-late = The case is overdue; an extension is asked for before that. The deadline stands.
refusal-extension-days = The rules do not allow so many days. The deadline stands. Give another number.
refusal-suspension-reason = The rules name no such reason for a suspension. The case stands as it was. Choose one that they name.
refusal-suspension-days = The rules do not allow so many days. The case stands as it was. Give another number.
refusal-suspension-times = The case has been suspended as often as the rules allow. It stands as it was.
refusal-group = These cases cannot be grouped like this: the earliest leads, and what is closed or grouped joins no other. The case stands as it was.
refusal-group-compartment = Cases in a compartment join no group. The case stands as it was.
refusal-conduct_review-open = A conduct review is given on a case in the compartment. Make one first.
refusal-right-none = There is no such case, or it is not yours to act on.
refusal-centre-recovering = The centre was restored and decides nothing yet. Give the command again later.
refusal-command-nothing = As the case stands, this changes nothing.
refusal-command-id = There is no such case, or it is not yours to act on.

# Acting on a case
note-acted = Done: see the latest decision.
acts-title = What you may do
acts-not-now = Not now
arg-optional = (may be left out)
arg-unit = Code of the unit
arg-reason = Reason
arg-days = Days
arg-worker = Number of the worker
arg-add = Code of the unit to add
arg-remove = Code of the unit to remove
arg-answer = Answer
arg-result = Result
arg-how = How
arg-attempts = Attempts
arg-witness = Witness
arg-lead = Id of the leading case
arg-role = Signature as
arg-of = Id of the case looked behind
arg-decision = Decision
choice-pass = It is done
choice-fail = It is not done: do it again
choice-satisfied = Satisfied
choice-not_satisfied = Not satisfied: do it again
choice-unreachable = Not reached
choice-holds = It holds
choice-fails = It does not hold: do it again
choice-approve = As the new facts say
choice-keep = As it was
