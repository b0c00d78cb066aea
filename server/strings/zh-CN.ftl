# 中心的命令行关于规则包所说的话。
check-file = 文件
check-line = 行
check-column = 列
check-code = 代码
check-what = 错误
check-remedy = 改法
check-none = 没有问题。
