# Time
time = { $day } { $month } { $year }, { $clock }
date = { $day } { $month } { $year }
month = { $month } { $year }
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
title-none = (no title)
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
time-working_hours = { $n ->
    [one] { $n } office hour
   *[other] { $n } office hours
}
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
field-role = Signature as
field-signed = Signed
field-missing = Still missing
field-mode = Kind of round
field-firms = Firms visited
field-villages = Villages
field-leader = Leader
field-rectification = Rectification list
field-met = People met
field-progress = Progress
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
field-counted_due = Due by the new version
field-days = Days
field-reason = Reason
field-worker = Worker
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
field-answer = Answer
field-attempts = Attempts
field-changed = Changed
field-count = Number
field-decision = Decision
field-draw = Draw
field-drawn = Drawn for a callback
field-how = How
field-lead = Leading case
field-number = Which time
field-of = Case looked behind
field-proposed = Would go to
field-result = Result
field-rule = Rule
field-witness = Witness
drawn-true = Yes
drawn-false = No
field-intake = Intake unit
field-stands = Standing unit
field-route = Routed to
field-fallback = Falls to
relation-split = The other of the two cases that this one was
relation-meeting = From the meeting
relation-group = Of one group
relation-conduct = What lies behind it
relation-neighbour = Neighbour
