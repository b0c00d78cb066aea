# 分歧队列
queue-title = 待裁定的分歧
queue-lead = 先急后缓，同级先到先办。
queue-empty = 没有待裁定的分歧
queue-empty-lead = 有人对同一事项写了不同内容时，会列在这里。
queue-urgent-note = 紧急件已先行派给所有可能负责的单位，仍需尽快裁定。
harm-urgent = 紧急，已先行派单
harm-urgent-case = 紧急
harm-waiting = 等待裁定
open-for = 已等{ $span }
col-harm = 影响
col-question = 要定的事
col-between = 各方写的
col-age = 已等
overdue-title = 已超期
latest-title = 最近的诉求
latest-empty = 还没有您可以看到的诉求。
col-case = 诉求
col-matter = 类别与地点
col-turn = 轮到谁
col-due = 期限
mark-disputed = 有分歧

# 分歧：要问的话
question-any = “{ $field }”以哪个为准？
question-category = 属于哪一类？
question-place = 在哪里？
question-subject = 谁来负责？
question-person-name = 当事人是谁？
question-person-id_number = 哪个证件号码是对的？
question-household = 是哪一户？
question-outcome = 结果是什么？
question-closure_note = 办结说明以哪个为准？
question-holder = 是户还是企业？
question-name = 名称是哪个？
question-contact_cadre = 联系干部是谁？

base-title = { $n ->
    [2] 双方都看到过
   *[other] 各方都看到过
}
base-none = 此前未填
side-made = 写于
side-received = 送达
side-delay = 迟到{ $span }
side-unseen = 写时没有看到 { $others }
side-resolution = 审核人的裁定
device-of = 设备 { $id }
device-desk = 工作台
choice-other = 都不是，应为
choice-other-value = 另一个值
choice-other-hint = 输入名称或代码查找
choice-none = 都不成立，留空
masked-hint = 号码中间以星号遮盖。选一方即采用其完整号码；另填须写完整号码。
why-title = 依据
why-phoned = 已电话核实
why-evidence = 有照片或书证
why-register = 与台账一致
why-other = 其他
why-own = 说明（选“其他”时必填）
why-and = { $ready }：{ $own }
preview = 看看会怎样
preview-again = 重新推演
preview-hint = 先看裁定之后由谁办、何时办结，再确认。此时什么都不会记录。
follows-title = 确认后会这样
follows-nothing = 已作的决定不变
follows-leaves = 不再看到此件的单位：
follows-joins = 将看到此件的单位：
follows-waits = 决定之前还要等：
error-moved = 在您查看期间情况变了，结果与您看到的不同。下面是现在的结果；请再确认一次。什么都还没有记录。
record = 确认并记录
record-follows = 以您的名义连同依据一起留档，并送回各方设备。各方写的都留在历史里。情况稳定后，系统据此重新决定由谁办、何时办完。
not-a-reviewer = 由审核人员裁定。您可以查看，不能裁定。
agreed-title = 没有分歧的内容
to-case = 查看整件诉求

error-reason = 还没有写依据。
error-reason-long = 依据太长，最多 500 字。
error-choice = 还没有选择以哪个为准。
error-both = 选了一方，又另填了值。请留下一个。
error-stale = 您填写时又有新内容送达，现已一并列出。请再看一遍，选好后提交。您写的依据还在，尚未记录任何裁定。
error-slipped-in = 您的裁定已记录。同一时刻又有别的内容送达，请一并裁定。
error-masked = 这是遮盖后的号码。请选一方，或写完整号码。
error-unlisted = 本区名录里没有这个代码。请从列表里选。
error-value = 这个值不符合要求。
error-resumed = 已重新登录，所填内容都在。确认后提交。
error-no-checkout = 现在没有人带着这件诉求外出。
