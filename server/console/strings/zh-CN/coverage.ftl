# 走访覆盖图。
supervision-tab-coverage = 走访覆盖图
coverage-lead = 计划内哪些村（社区）已走访、哪些未走访。符合计划要求的走访才计入。
coverage-none = 本区规则没有走访覆盖计划。
coverage-reached = 已走访村（社区）
coverage-tile-left = 未走访
coverage-rounds = 计入的走访
coverage-astray = 不计入的
coverage-teams = 各走访组
coverage-team = 走访组
coverage-lead-unit = 牵头单位
coverage-missed = 未走访的月份
