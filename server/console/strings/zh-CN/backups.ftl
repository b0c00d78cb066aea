
# 备份
admin-backups = 备份
backups-lead = 每份备份做完即按全部不变量核对。恢复由运行本机的人用命令进行。
backups-none = 还没有做过备份。
backups-secret = 备份里没有密钥（secret.key），请另存一份于别处。备份与数据若在同一块盘上，盘坏了两者都没有。
backup-age = 最近一份核对无误的备份在{ $span }之前
backup-old = 太久了。
backup-none-good = 还没有核对无误的备份
backup-ask = 现在备份
backup-ask-hint = 要读全部内容；大的区需几分钟，不影响日常工作。
backup-making = 正在备份，稍后重新打开本页。
backup-verified = 核对无误
backup-unverified = 已做，但有不变量不成立
backup-missing = 已做，但缺{ $n }个附件
backup-failed-interrupted = 没有做成：服务中途停止
backup-failed-full = 没有做：已存满 14 份，请先移走
backup-failed-disk = 没有做成：不能写盘或读盘，见日志
backup-by-command = 命令或定时
backup-by-other = 另一区的管理员
error-backup-asked = 已有一份正在做。没有再做。
act-backup-ask = 要求备份
col-result = 结果
col-size = 大小
col-files = 附件
col-asked-by = 由谁
