
# 对外告知
hook-text = 【家门口】{ $what }：{ $number }，{ $whose }，{ $step }，{ $due }前。{ $link }
admin-hooks = 对外告知
hooks-lead = 按配置告知外部地址的决定：只有代码、单位、时间和链接。每个决定对每个地址只告知一次。
hooks-none = 还没有告知过。
col-hook = 地址
hook-waiting = 待发
hook-trying = 正在发
hook-delivered = 已收到
hook-failed = 没有送到
hook-unknown = 不能确定，不再发
hook-tries = { $n }次
hook-next = 下次
