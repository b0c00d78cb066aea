# 规则里的错误：名称没有着落，规则互相不符，诉求会停住。
kind-route = 分办规则（route）
kind-class = 时限类别（class）
kind-ladder = 时序（ladder）
kind-compartment = 专办规则（compartment）
kind-category = 类别（category）
kind-signature = 会签（signature）
kind-step = 步骤（step）
kind-grade = 轻重缓急等级（grade）
kind-crosswalk = 类别对照表（crosswalk）
kind-campaign = 专项行动（campaign）
kind-coverage = 走访计划（coverage）
kind-place = 地方（place）
kind-team = 走访组（team）
kind-visit = 走访方式（visit）
kind-meeting = 会议（meeting）
kind-channel = 来源（channel）
kind-draw = 抽查（draw）
kind-interview = 约谈（interview）
kind-severity = 轻重（severity）
kind-urgency = 缓急（urgency）
kind-role = 角色（role）
kind-field = 字段（field）
tier-village = 村（village）
tier-town = 乡镇（town）
tier-department = 部门（department）
tier-district = 区（district）

# 名称
appears-twice = { $what }“{ $name }”写了两次
    .remedy = 给其中一个改名，或删去
command-twice = 操作（command）“{ $command }”写了两次
    .remedy = 合并成一个
personal-field = 规则不能读“{ $field }”：决定里只存代码和编号，不存个人信息
    .remedy = 改读有代码的字段，如 { $known }
unknown-field = 诉求里没有规则可读的字段“{ $field }”
    .remedy = 改为以下之一：{ $known }
reads-lack = reads 里缺“{ $field }”，每个规则包都要靠它决定
    .remedy = 把它加到 reads
unknown-unit = units.csv 里没有单位“{ $unit }”
    .remedy = 更正代码，或在 units.csv 里加上该单位
ended-unit = 单位“{ $unit }”从 { $until } 起已不存在，规则包施行时没有这个单位
    .remedy = 改为接替它的单位，或更正 units.csv 里的 until
unknown-village = units.csv 里没有村“{ $unit }”
    .remedy = 更正代码；走访计划列的是村和社区
unknown-district = “{ $unit }”在 units.csv 里不是区
    .remedy = 写本区的代码
unit-beside = “{ $target }”要有单位 { $unit }，而 units.csv 里没有
    .remedy = 加上 { $unit }；每个{ $tier }都要有这样的单位
unknown-class = 没有时限类别“{ $class }”
    .remedy = 加一个 id 为它的 [[class]]，或更正名称
unknown-ladder = 没有时序“{ $ladder }”
    .remedy = 加一个 id 为它的 [[ladder]]，或更正名称
unlisted-category = 规则包里没有类别“{ $value }”
    .remedy = 把它加到 [pack] 的 categories，或更正名称
unlisted-channel = 规则包里没有来源“{ $value }”
    .remedy = 把它加到 [pack] 的 channels，或更正名称
unheld-value = 诉求不会有“{ $value }”这个{ $what }
    .remedy = 改为以下之一：{ $known }
repeat-by = 不能按“{ $field }”认定两件诉求重复
    .remedy = 用 + 连接 household（户）、subject（责任主体）、place（地点）、category（类别）
unusual-how = “{ $how }”不是特殊办结的方式
    .remedy = 写 refused（拒签）、died（亡故）、moved（迁走）、anonymous（匿名）或 unreachable（联系不上）
oversight-no-basis = “{ $unit }”可以查看任何诉求，却没有写依据
    .remedy = 在 oversight_basis 写明机制，或删去 oversight
unused-class = 没有规则用到时限类别“{ $class }”
    .remedy = 在分办规则（[[route]]）里用它，或删去
unused-ladder = 没有时限类别用到时序“{ $ladder }”
    .remedy = 在时限类别（[[class]]）里用它，或删去
nobody = 诉求会派到 { $code }（{ $unit }），而那里没有人
    .remedy = 为该单位登记人员，或把诉求派给有人的单位

# 时限、时序、提级
no-deadline = 时限类别“{ $class }”对{ $tier }没有办结时限
    .remedy = 为这个层级写时限，或用 any 写统一的时限
ladder-order = 步骤“{ $step }”不在“{ $before }”之后
    .remedy = 各步骤按时间先后写；只有最后一步可以重复（repeat）
ladder-runs-out = 时序“{ $ladder }”走到头就没有了，其中的诉求会被遗忘
    .remedy = 最后一步写 act = "overdue"，并写一小时以上的 repeat
recusal-of-itself = 涉及“{ $unit }”的诉求会由它自己办
    .remedy = recusal 写另一个单位，由其在本单位涉事时代办
compartment-leaks = 专办规则“{ $compartment }”的诉求会提级到专办范围之外
    .remedy = 它的时限类别要用没有 escalate（提级）的时序
escalation-down = 从{ $tier }提级，去的不是更高的层级
    .remedy = 写更高层级的单位
no-escalation = 没有写{ $tier }的诉求提级到哪里
    .remedy = 为这个层级加一个 [[escalation]]
escalation-twice = { $tier }的诉求会提级到两个单位
    .remedy = 删去其中一个
settle-order = 诉求还没静置够时间就要作决定
    .remedy = [settle] 的 max 要长于 quiet

# 不能同时成立的
centre-of-department = “{ $unit }”是部门，诉求不会发生在那里
    .remedy = 写乡镇或村的代码
centre-of-another = { $town } 的诉求派到 { $centre }，而它自己有 { $own }
    .remedy = 改为“{ $own }”，或从 units.csv 里删去它
campaigns-overlap = 专项行动“{ $one }”与“{ $other }”时间重叠，诉求会重复计数
    .remedy = 前一个的 to 写成后一个的 from；to 是结束之后的第一刻
plans-overlap = 走访计划“{ $one }”与“{ $other }”在同一时间要求同样的走访
    .remedy = 地方、方式或时间要有不同
period = { $what }“{ $name }”还没开始就已结束
    .remedy = to 要在 from 之后；to 是结束之后的第一刻
crosswalk-count = 类别对照表“{ $crosswalk }”有 { $has } 个代码，应为 { $of } 个
    .remedy = 对方清单的每个代码都要对上，或更正 of
coverage-count = 走访计划“{ $coverage }”列了 { $has } 个地方，应为 { $of } 个
    .remedy = 列出计划的每个地方，或更正 of
route-with-itself = 分办规则“{ $route }”让“{ $unit }”与自己协办
    .remedy = 从 with（协办）里删去它
callback-same-unit = “{ $unit }”办的诉求没有别的单位回访
    .remedy = else_unit 写另一个单位
interview-bound = 约谈“{ $interview }”要在 below 与 above 中写且只写一个
    .remedy = 写低于（below）或高于（above）多少百分比时约谈
list-measure-twice = 红黑榜把同一指标算了两次
    .remedy = 把 weigh 里的两项合并成一项
list-weight-0 = 权重为 0 的指标排不出名次
    .remedy = weigh 各项的权重不能为 0；不用的删去
list-empty = 红黑榜两头都不列单位，等于没有
    .remedy = red（红榜）或 black（黑榜）至少写 1，或删去 [list]

# 永不适用的，和会停住的
dead-route = 分办规则“{ $route }”永不适用：它的条件从不成立
    .remedy = 更正条件，或删去这条规则
dead-compartment = 专办规则“{ $compartment }”永不适用：它的条件从不成立
    .remedy = 更正条件
dead-command = 谁都不能做“{ $command }”：它的条件从不成立
    .remedy = 更正条件
dead-urgent = 没有诉求会是紧急的：条件从不成立
    .remedy = 更正条件
shadows-routes = 分办规则“{ $by }”把后面 { $n } 条规则的诉求全占了：{ $routes }
    .remedy = 收窄它的条件，或把它放到那些规则之后
shadowed-route = 分办规则{ $routes }永不适用：前面的“{ $by }”把这样的诉求全占了
    .remedy = 把条件较窄的规则放在前面
shadowed-grade = 轻重缓急等级“{ $grade }”永不适用：前面的等级把它的组合全占了
    .remedy = 把较窄的等级放在前面，或更正它的列表
unroutable-category = 类别“{ $category }”的一般诉求没有分办规则，也没有时限
    .remedy = 为这个类别加一条不带其他条件的分办规则（[[route]]）
signatures-without-closure = 要求会签，却没有 [closure]
    .remedy = 加上 [closure]，写 resolved、class、basis；或删去会签
signature-proof = “{ $role }”由本人签字，没有可证明的
    .remedy = 删去 proof；由别人代交签字的，写 witness = true
command-missing = 诉求要等“{ $command }”，而谁都不能做
    .remedy = 加一个 [[command]]，name = "{ $command }"，并写 who 和 basis
stuck = 按“{ $route }”分办的诉求会停在“{ $step }”（{ $unit }）：units.csv 里没有人能做“{ $wanted }”
    .remedy = “{ $wanted }”的 who 和 roles 要写确实有的人
stuck-no-command = 按“{ $route }”分办的诉求会停在“{ $step }”（{ $unit }）：units.csv 里没有人能做“{ $wanted }”
    .remedy = 加一个 [[command]]，name = "{ $wanted }"

