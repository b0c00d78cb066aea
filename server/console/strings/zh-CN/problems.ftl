# 问题页
problem-not-found = 这里没有内容，或不归您看
problem-not-found-next = 请核对地址，或询问可以看到它的人。
problem-signed-out = 登录已过期
problem-signed-out-next = 什么都没有改动。请回到工作台重新登录。
problem-foreign = 这张表单不是给您的：可能之后有别人在此登录，或表单太旧
problem-foreign-next = 什么都没有改动。请重新打开页面再提交。
problem-moved-on = 情况已经变了
problem-moved-on-next = 什么都没有改动。请看看现在的情况。
problem-fault = 系统暂时办不了
problem-fault-next = 什么都没有改动。请稍后再试；一直如此，请告诉管理员。
problem-unread = 提交的内容读不懂
problem-unread-next = 什么都没有改动。请回到上一页更正。

# 要统计的范围不存在。
cohort-no-year = 没有可统计的年份 { $value }。年份为 { $known }。
cohort-no-value = 没有 { $field }“{ $value }”。现有：{ $known }。
cohort-no-value-of-many = 没有 { $field }“{ $value }”。现有：{ $known } 等，另有 { $more } 项。
cohort-no-value-next = 请改写为其中一项，或写 all。
