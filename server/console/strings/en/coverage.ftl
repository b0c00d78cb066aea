# The coverage map of the visits.
supervision-tab-coverage = Coverage map
coverage-lead = Which villages of the plan have been visited, and which are left. A visit counts when it keeps the rules of the plan.
coverage-none = The rules of this district have no plan of visits.
coverage-reached = Villages visited
coverage-tile-left = left
coverage-rounds = Visits that count
coverage-astray = that do not
coverage-teams = Team by team
coverage-team = Team
coverage-lead-unit = Led by
coverage-missed = Months without a visit
