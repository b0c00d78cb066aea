
# 台账与案卷
ledger-title = 诉求台账
ledger-nr = 序号
ledger-number = 编号
ledger-date = 登记日期
ledger-person = 诉求人
ledger-contact = 联系方式
ledger-place = 地点
ledger-matter = 诉求事项
ledger-class = 类别
ledger-unit = 责任单位
ledger-worker = 责任人
ledger-due = 办结时限
ledger-progress = 办理进展
ledger-result = 办理结果
ledger-satisfaction = 满意度
ledger-struck = 是否销号
ledger-urgency = 缓急
ledger-closed = { $how }，{ $when }
ledger-not-closed = 未销号
ledger-at = { $stage }（{ $step }）
ledger-more = 纸面只列前 500 件；导出的文件里有全部。
ledger-cut = 只列出前 { $n } 件。请缩小筛选范围，分次导出。
deadlines-title = 期限
deadlines-table = 期限：表
deadlines-said = 当前环节：{ $step }，期限 { $due }，{ $word }
deadlines-today = 今天
deadline-kept = 按期
deadline-late = 逾期{ $span }
deadline-ended = 已结束
deadline-col-from = 起
deadline-col-state = 情况

file-title = 诉求案卷
file-contents = 目录
file-printed = 打印于
file-none = 没有附件。
file-signed = 已签
file-signed-for = 代签：
file-day = 年　　月　　日
to-file = 案卷（可打印）

# 查看遮盖的号码
reveal-title = 查看完整号码
reveal-lead = 号码中间已遮盖。查看完整号码须写明理由，并留下记录。
reveal-which = 查看哪一项
reveal-reason = 理由
reveal = 查看并留记录
reveal-noted = 已记录您查看了这一项。离开此页后须重新申请。
reveal-done = 看完了
reveal-log = 谁看过完整号码
error-reveal-reason = 还没有写理由。没有显示任何号码。
