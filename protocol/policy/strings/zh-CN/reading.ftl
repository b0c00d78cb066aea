# 规则包里读不懂的：条目、数值、文字、条件。各附改法。
quoted = “{ $name }”
joint = 、
show-packs = 随系统附带的规则包
show-examples = 随系统附带的规则包里的例子

# TOML
toml-twice = 这个条目在这里写了两次
    .remedy = 删去其中一个
toml-open-table = 表名没有右方括号
    .remedy = 写成 [settle] 或 [[route]] 的样子
toml-open-tables = 表名没有右方括号
    .remedy = 写成 [[route]] 的样子
toml-open-list = 列表没有右方括号
    .remedy = 在列表末尾加 ]
toml-open-braces = 花括号没有闭合
    .remedy = 在末尾加 { "}" }
toml-no-value = 条目没有值
    .remedy = 写成 name = "value" 的样子
toml-unquoted = 文字没有加引号
    .remedy = 写成 "文字" 的样子（半角引号）
toml-comma-missing = 此处之前缺逗号
    .remedy = 各条目、各项之间用半角逗号隔开
toml-comma-extra = 多了一个逗号
    .remedy = 删去它
toml-open-text = 文字没有右引号
    .remedy = 在同一行文字末尾加 "
toml-open-literal = 文字没有右引号
    .remedy = 在同一行文字末尾加 '
toml-leading-zero = 数字以 0 开头
    .remedy = 去掉前面的 0；代码要写成文字，如 "0511"
toml-no-day = 没有这样的日期或时间
    .remedy = 请写存在的日期和时间，如 2026-03-01T00:00:00+08:00
toml-no-equals = 缺等号
    .remedy = 写成 name = "value" 的样子
toml-syntax = 文件从这里起读不下去
    .remedy = 看看这一行和上一行，引号、括号、逗号、等号是否多了或少了
toml-unknown-entry = 这个表里没有条目“{ $name }”
    .remedy = { $choice }
toml-unknown-word = “{ $name }”不能写在这里
    .remedy = { $choice }
choice-none = 删去它
choice-near = 是否应为“{ $near }”？可写的有：{ $known }
choice = 改为以下之一：{ $known }
toml-lacks = 这个表缺条目“{ $name }”
    .remedy = 补上 { $name } = ...，写法见{ $show }
toml-entry-twice = 条目“{ $name }”在这里写了两次
    .remedy = 删去其中一个
toml-too-large = 数字 { $shown } 太大
    .remedy = 改为较小的整数
toml-not-one = { $shown } 不是恰好一项
    .remedy = 只写一项，如 { "{" } days = 15 { "}" }
toml-wanted = 这里写的是 { $shown }，应为{ $wanted }
    .remedy = 改为{ $wanted }，写法见{ $show }
toml-text-or-list = 这里写的是 { $shown }，应为文字或文字的列表
    .remedy = 写成 "water" 的样子；各方不一致的值写成 ["water", "roads"]
toml-text-or-table = 这里写的是 { $shown }，应为文字，或只有一项的表
    .remedy = 写加引号的词，或写成 { "{" } days = 15 { "}" } 的样子，写法见{ $show }
toml-no-offset = 时间 { $shown } 没有时差
    .remedy = 写成 2025-03-03T10:00:00+08:00 的样子
toml-far-away = 时间 { $shown } 太远，无法计算
    .remedy = 改为合理的年份
toml-no-duration = { $shown } 不是时长
    .remedy = 写成 PT2M（2分钟）或 P3D（3天）的样子
toml-not-along = { $shown } 不是时序上的时点
    .remedy = 写成 "75%" 或 "100%+P3D" 的样子
toml-no-hour = { $shown } 不是钟点
    .remedy = 写成 "18:00" 的样子
toml-unread = 这里不能写 { $shown }
    .remedy = 更正这个条目，每一种写法见{ $show }
wanted-text = 加引号的文字
wanted-number = 不为负、不过大的整数
wanted-flag = true（是）或 false（否）
wanted-list = 方括号里的列表
wanted-moment = 不加引号的日期时间，如 2025-03-03T10:00:00+08:00
wanted-hour = 钟点，如 "17:00"
wanted-one = 恰好一项，如 { "{" } days = 15 { "}" }
wanted-table = 有自己各条目的表

# 数值
unknown-figure = 这里没有“{ $key }”这个数值
    .remedy = 删去它；可写的条目见随系统附带的规则包
figure-not-whole = “{ $key }”写的是 { $written }，不是整数
    .remedy = 写 { $least } 至 { $most } 的整数（{ $of }）
figure-whole = “{ $key }”写的是 { $written }，只能是 { $least } 至 { $most }（{ $of }）
    .remedy = 写 { $least } 至 { $most } 的整数（{ $of }）
figure-not-time = “{ $key }”写的是 { $written }，不是时长
    .remedy = 写 { $least } 至 { $most } 的时长，如 PT12H（12小时）、P3D（3天）
figure-time = “{ $key }”写的是 { $written }，只能是 { $least } 至 { $most }
    .remedy = 写 { $least } 至 { $most } 的时长，如 PT12H（12小时）、P3D（3天）
figure-not-along = “{ $key }”写的是 { $written }，不是时序上的时点
    .remedy = 写 "1%" 至 "100%"，或 "100%+" 加不超过 { $most } 的时长，如 "100%+P3D"（到期后3天）
figure-along = “{ $key }”写的是 { $written }，最多到期后 { $most }
    .remedy = 写 "1%" 至 "100%"，或 "100%+" 加不超过 { $most } 的时长，如 "100%+P3D"（到期后3天）
figure-hour = “{ $key }”写的是 { $written }，不是一天里的钟点
    .remedy = 写成 "17:00" 的样子
figure-moment = “{ $key }”写的是 { $written }，不是日期时间（不要加引号）
    .remedy = 写成 2025-03-03T10:00:00+08:00 的样子，年份在 { $first } 至 { $last } 之间
figure-moment-part = “{ $key }”写的是 { $written }，日期、时间、时差没有写全
    .remedy = 写成 2025-03-03T10:00:00+08:00 的样子，年份在 { $first } 至 { $last } 之间
figure-moment-year = “{ $key }”写的是 { $written }，年份不在 { $first } 至 { $last } 之间
    .remedy = 写成 2025-03-03T10:00:00+08:00 的样子，年份在 { $first } 至 { $last } 之间
of-days = 天
of-working-days = 个工作日
of-hours = 小时
of-working-hours = 个工作小时
of-referrals = 次转办
of-times = 次
of-attempts = 次尝试
of-percent = 百分比
of-cases = 件
of-claims = 件办结
of-pieces-of-evidence = 份佐证
of-units = 个单位
of-points = 分
of-codes = 个代码
of-places = 个地方
of-attachments = 个附件
of-people = 人

# 文字
empty-list = 列表“{ $key }”是空的
    .remedy = 写上内容，或删去这个条目或整个表
no-basis = 规则没有写依据
    .remedy = 在 basis 写明法规、通知或机制；自行选定的也请写明
blank = “{ $key }”是空的
    .remedy = 写上内容，或删去这个条目
invisible = “{ $key }”里有看不见的字符：{ $hidden }
    .remedy = 重新输入这段文字，不要复制粘贴
too-long = “{ $key }”超过 { $most } 字
    .remedy = 缩短它
bad-id = “{ $key }”写的是“{ $id }”，不能作代码
    .remedy = 只用字母 a 至 z、数字、- 和 _，最多 { $most } 个；给人看的名称写在 strings/ 里
spaces = “{ $key }”首尾有空格：“{ $text }”
    .remedy = 去掉空格
listed-twice = “{ $text }”在“{ $key }”里写了两次
    .remedy = 删去一个
unknown-value = 没有“{ $value }”这个{ $what }
    .remedy = 改为以下之一：{ $known }
unknown-purpose = 附件不能有“{ $purpose }”这种用途
    .remedy = 写代码，如 { $known }

# 条件
cel-long = 条件超过 { $most } 字
    .remedy = 拆成几条分办规则（[[route]]）
cel-empty = 条件是空的
    .remedy = 写成 category == 'water' 的样子；对每件都成立的写 true
cel-deep = 条件里的括号或运算套得太深，读不了
    .remedy = 写短一些，或拆成几条分办规则（[[route]]）
cel-ends = 条件没有写完
    .remedy = { $how }
cel-syntax = 条件从这里起读不下去：{ $shown }
    .remedy = { $how }
cel-how-equals = 比较用 ==，文字加半角单引号：category == 'water'
cel-how-quotes = 引号要成对；文字加半角单引号：category == 'water'
cel-how-joined = 几个比较之间用 &&（并且）或 ||（或者），括号要成对，文字加半角单引号：category == 'water'
cel-unknown-name = 条件用到“{ $name }”，而 reads 里没有
    .remedy = 把这个字段加到 [pack] 的 reads，或更正名称
cel-beyond = 条件用了这里不支持的写法
    .remedy = 只用比较、in、&&、||、!、startsWith、endsWith、contains、size
cel-function = 条件用了“{ $name }”，这里不支持
    .remedy = 只用比较、in、&&、||、!、startsWith、endsWith、contains、size
cel-gives = 条件得出的是 { $type }，应为 true（是）或 false（否）
    .remedy = 文字只与文字比较；整个条件要得出 true 或 false
cel-unlike = 条件比较了不能相比的东西
    .remedy = 文字只与文字比较；整个条件要得出 true 或 false
cel-no-flag = 条件是{ $kind }，不是“是或否”
    .remedy = 文字只与文字比较；整个条件要得出 true 或 false
cel-mixed-list = 条件的列表里有不是文字的项
    .remedy = 文字只与文字比较；整个条件要得出 true 或 false
cel-odd-part = 条件里有一部分既不是名称、文字，也不是比较
    .remedy = 文字只与文字比较；整个条件要得出 true 或 false
cel-joins = 条件用 { $sign } 连接了{ $one }和{ $other }
    .remedy = 文字只与文字比较；整个条件要得出 true 或 false
cel-applies = 条件把 { $sign } 用在了{ $kinds }上
    .remedy = 文字只与文字比较；整个条件要得出 true 或 false
cel-text = 文字
cel-texts = 文字的列表
cel-number = 数字
cel-flag = 是或否

