# What is wrong with the rules of a pack: names that lead nowhere, rules that do not fit each other, cases that get stuck.
kind-route = route
kind-class = class
kind-ladder = ladder
kind-compartment = compartment
kind-category = category
kind-signature = signature
kind-step = step
kind-grade = grade
kind-crosswalk = crosswalk
kind-campaign = campaign
kind-coverage = coverage
kind-place = place
kind-team = team
kind-visit = visit
kind-meeting = meeting
kind-channel = channel
kind-draw = draw
kind-interview = interview
kind-severity = severity
kind-urgency = urgency
kind-role = role
kind-field = field
tier-village = village
tier-town = town
tier-department = department
tier-district = district

# Names
appears-twice = { $what } "{ $name }" appears twice
    .remedy = rename or remove one
command-twice = command "{ $command }" appears twice
    .remedy = join the two into one
personal-field = policy must not read "{ $field }": decisions hold codes and ids only
    .remedy = read a coded field instead, such as { $known }
unknown-field = no case has a field "{ $field }" that policy can read
    .remedy = write one of { $known }
reads-lack = `reads` lacks "{ $field }", which every pack decides by
    .remedy = add it to `reads`
unknown-unit = there is no unit "{ $unit }" in units.csv
    .remedy = add the unit or correct the code
ended-unit = "{ $unit }" has not existed since { $until }, before the pack is in force
    .remedy = name the unit that took its place, or correct `until` in units.csv
unknown-village = there is no village "{ $unit }" in units.csv
    .remedy = correct the code; a coverage plan lists villages and communities
unknown-district = "{ $unit }" is no district in units.csv
    .remedy = write the code of the district
unit-beside = "{ $target }" needs a unit { $unit }, which is not in units.csv
    .remedy = add { $unit } and its like for every { $tier }
unknown-class = there is no deadline class "{ $class }"
    .remedy = add a [[class]] of that id
unknown-ladder = there is no ladder "{ $ladder }"
    .remedy = add a [[ladder]]
unlisted-category = the pack has no category "{ $value }"
    .remedy = add it to `categories` in [pack], or correct the name
unlisted-channel = the pack has no channel "{ $value }"
    .remedy = add it to `channels` in [pack], or correct the name
unheld-value = no case has the { $what } "{ $value }"
    .remedy = write one of { $known }
repeat-by = two cases cannot be told the same by "{ $field }"
    .remedy = join household, subject, place and category with +
unusual-how = "{ $how }" is no unusual way of closing
    .remedy = write refused, died, moved, anonymous or unreachable
oversight-no-basis = "{ $unit }" may look at any case, and nothing says why
    .remedy = quote the mechanism in `oversight_basis`, or leave out `oversight`
unused-class = nothing uses class "{ $class }"
    .remedy = name it in a route or remove it
unused-ladder = nothing uses ladder "{ $ladder }"
    .remedy = name it in a class or remove it
nobody = cases go to { $code } ({ $unit }), where nobody works
    .remedy = enrol somebody of the unit, or send its cases to a unit that has people

# Deadlines, ladders, escalation
no-deadline = class "{ $class }" has no deadline for tier { $tier }
    .remedy = give the tier a deadline, or give one for `any`
ladder-order = step "{ $step }" is not after "{ $before }"
    .remedy = order the steps by time; only the last may repeat
ladder-runs-out = ladder "{ $ladder }" runs out, and a case on it would be forgotten
    .remedy = end it with a step of act = "overdue" and a repeat of an hour or more
recusal-of-itself = a case about "{ $unit }" would be handled by itself
    .remedy = name another unit as recusal: the one that stands in where this one is concerned
compartment-leaks = compartment "{ $compartment }" would escalate out of itself
    .remedy = give its class a ladder without escalate
escalation-down = escalation from { $tier } does not lead upward
    .remedy = name a unit of a higher tier
no-escalation = nothing says where a case of tier { $tier } escalates to
    .remedy = add an [[escalation]] from that tier
escalation-twice = a case of tier { $tier } escalates to two units
    .remedy = remove one of the two
settle-order = a case is decided before it could have been quiet for long enough
    .remedy = let `max` of [settle] be longer than `quiet`

# What cannot both be meant
centre-of-department = "{ $unit }" is a department: no case lies in it
    .remedy = write the code of a town or village
centre-of-another = cases of { $town } go to { $centre }, although there is { $own }
    .remedy = write "{ $own }", or take it out of units.csv
campaigns-overlap = campaigns "{ $one }" and "{ $other }" overlap: a case of both would be counted twice
    .remedy = let `to` of the one be `from` of the other; `to` is the first instant after it
plans-overlap = plans "{ $one }" and "{ $other }" ask for the same visits at the same time
    .remedy = give them different places, modes or times
period = { $what } "{ $name }" ends before it begins
    .remedy = `to` is the first instant after it
crosswalk-count = crosswalk "{ $crosswalk }" has { $has } of { $of } codes
    .remedy = map every code of the other list, or correct `of`
coverage-count = coverage "{ $coverage }" lists { $has } of { $of } places
    .remedy = list every place of the plan, or correct `of`
route-with-itself = route "{ $route }" lets "{ $unit }" handle a case together with itself
    .remedy = remove it from `with`
callback-same-unit = where "{ $unit }" handled a case, nobody else asks
    .remedy = name another unit in `else_unit`
interview-bound = interview "{ $interview }" has not one of `below` and `above`
    .remedy = give the percentage below which, or above which, a unit is called up
list-measure-twice = the list weighs one measure twice
    .remedy = join the two entries of `weigh` into one
list-weight-0 = a measure of weight 0 ranks nobody
    .remedy = give each entry of `weigh` a weight other than 0, or remove it
list-empty = a list of no unit at either end is none
    .remedy = give `red` or `black` of at least 1, or remove [list]

# What never applies, and where cases get stuck
dead-route = route "{ $route }" can never apply: its condition is never true
    .remedy = correct the condition or remove the route
dead-compartment = compartment "{ $compartment }" can never apply
    .remedy = correct the condition
dead-command = nobody may ever give "{ $command }": its condition is never true
    .remedy = correct the condition
dead-urgent = no case is ever urgent: the condition is never true
    .remedy = correct the condition
shadows-routes = route "{ $by }" takes every case of { $n } routes after it: { $routes }
    .remedy = narrow its condition, or put it after them
shadowed-route = route { $routes } never applies: "{ $by }" before it takes every such case
    .remedy = put the narrower route first
shadowed-grade = grade "{ $grade }" is never given: those before it take every pair of its
    .remedy = put the narrower grade first, or correct its lists
unroutable-category = a plain case of category "{ $category }" finds no route and no deadline
    .remedy = add a route for the category with nothing else set
signatures-without-closure = signatures are asked for, but there is no [closure]
    .remedy = add [closure] with `resolved`, `class` and `basis`, or drop the signatures
signature-proof = "{ $role }" is signed by whoever gives it: there is nothing to prove
    .remedy = drop `proof`, or write `witness = true` where somebody else brings it
command-missing = cases wait for "{ $command }", which nobody may give
    .remedy = add [[command]] name = "{ $command }" with `who` and `basis`
stuck = a case that goes by "{ $route }" stays at "{ $step }" with { $unit }: nobody in units.csv may give "{ $wanted }"
    .remedy = let `who` and `roles` of "{ $wanted }" name somebody who is there
stuck-no-command = a case that goes by "{ $route }" stays at "{ $step }" with { $unit }: nobody in units.csv may give "{ $wanted }"
    .remedy = add [[command]] name = "{ $wanted }"

