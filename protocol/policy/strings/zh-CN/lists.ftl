# 规则包各清单里的错误：文件、单位、日历、给人看的名称。
missing-file = 缺文件 { $file }
    .remedy = 把这个文件放进规则包
missing-locale = 缺文件 { $file }
    .remedy = 补上文件，或从 locales 里删去这种语言

# units.csv
units-header = 单位表第一行不是列名
    .remedy = 第 1 行写 code,name,level,parent,from,until；单位另有叫法的，后面再加 also
row-cells = 这一行有 { $n } 格，应为 6 格或 7 格
    .remedy = 依次写 code,name,level,parent,from,until，有其他叫法的再写 also（用 ; 分开）；level（层级）为 village（村）、town（乡镇）、department（部门）或 district（区）；日期留空或写成 2022-12-29 的样子
units-also = 单位的叫法“{ $name }”太短
    .remedy = also（又称）里每个叫法至少写两个字，用 ; 分开
row-nameless = 单位没有代码或名称
    .remedy = 依次写 code,name,level,parent,from,until；level（层级）为 village（村）、town（乡镇）、department（部门）或 district（区）；日期留空或写成 2022-12-29 的样子
row-level = 没有“{ $level }”这个层级
    .remedy = level（层级）写 village（村）、town（乡镇）、department（部门）或 district（区）
row-date = “{ $date }”不是日期
    .remedy = 日期留空，或写成 2022-12-29 的样子
units-twice = 单位 { $unit } 在同一时间列了两次
    .remedy = 前一行的 until（止）写成后一行的 from（起）
units-loop = 单位 { $unit } 成了自己的上级
    .remedy = 更正 parent（上级）
units-orphan = 单位 { $unit } 的上级 { $missing } 不在表里
    .remedy = 补上该单位，或更正 parent（上级）
units-orphans = 单位 { $unit } 和另外 { $others } 个单位的上级 { $missing } 不在表里
    .remedy = 补上该单位，或更正 parent（上级）
units-same-name = 单位 { $unit } 与第 { $line } 行的 { $other } 名称和上级都相同
    .remedy = 更正名称，或删去其中一行
cell-spaces = 单元格首尾有空格：“{ $cell }”
    .remedy = 去掉空格
cell-invisible = 单元格里有看不见的字符
    .remedy = 重新输入这一格，不要复制粘贴
cell-quoted = 单元格里有引号：{ $cell }
    .remedy = 去掉引号
cell-no-code = “{ $cell }”不能作代码
    .remedy = 只用数字、字母 a 至 z 和 -
units-date = 日期的年份不在 { $first } 至 { $last } 之间
    .remedy = 更正日期；没有的留空
units-period = 单位 { $unit } 还没开始就已终止
    .remedy = until（止）是不再存在的第一天，要在 from（起）之后
units-code = 单位 { $unit } 的代码有 { $has } 位，这一层级应为 { $digits } 位
    .remedy = 更正代码或层级；不是行政区划的单位，代码里要有字母
units-order = 单位 { $unit } 的这一行比第 { $line } 行还早
    .remedy = 同一单位的各行按时间先后写
units-no-parent = 单位 { $unit } 没有上级
    .remedy = 写上级单位的代码；只有区没有上级
units-district-parent = 区 { $unit } 写了上级 { $above }
    .remedy = 区的 parent（上级）留空
units-depth = 单位 { $unit } 之上有 { $most } 级或更多
    .remedy = 更正 parent（上级）：村属乡镇，乡镇属区
units-parent-level = 单位 { $unit } 的上级写的是 { $above }，而它不是更高的层级
    .remedy = 更正层级或 parent（上级）
units-ended = 单位 { $unit } 仍存续，而它的上级 { $above } 已终止
    .remedy = 这一行写同样的 until（止），再加一行，归到接替的单位之下

# 日历
calendar-none = 没有日历：节假日会被当成工作日
    .remedy = 每年加一个文件，如 calendars/cn-2025.ics
calendar-year-twice = { $year } 年的节假日在 { $other } 里也有
    .remedy = 两个文件删去一个
calendar-contradicts = { $day } 在本文件和 { $other } 里，一处是上班，一处是放假
    .remedy = 更正写错的一处
calendar-gap = 有 { $year } 年和 { $next } 年的节假日，中间的年份没有
    .remedy = 补上中间年份的日历
calendar-begins = { $part } 不能从这里开始
    .remedy = 重新取得这个文件：它不完整，或是由两个文件拼成的
calendar-ends = { $part } 在这里结束，却没有开始
    .remedy = 重新取得这个文件：它不完整，或是由两个文件拼成的
calendar-cut = 第 { $begun } 行开始的 { $part } 到文件末尾仍没有结束
    .remedy = 重新取得这个文件：它不完整，或是由两个文件拼成的
calendar-no-calendar = 这不是日历：缺 BEGIN:VCALENDAR 和 END:VCALENDAR
    .remedy = 重新取得这个文件：它不完整，或是由两个文件拼成的
calendar-empty = 这个日历里没有节假日
    .remedy = 换用标明“休”（放假）或“班”（上班）的日历文件
calendar-event-blank = 有一项没写日期，或没写是休是班
    .remedy = 写 DTSTART;VALUE=DATE，并在 SUMMARY 或 DESCRIPTION 里写“休”或“班”
calendar-event-end = 有一项的结束日不是日期：{ $day }
    .remedy = 写成 20250102 的样子
calendar-event-endless = 从 { $day } 开始的一项没写结束日，只算一天
    .remedy = 写 DTEND;VALUE=DATE，即最后一天的次日
calendar-event-year = 有一项在 { $year } 年
    .remedy = 日期的年份要在 { $first } 至 { $last } 之间
calendar-event-begins = 有一项写了两个开始日
    .remedy = 删去一个 DTSTART
calendar-event-kinds = 有一项既标“休”又标“班”
    .remedy = 只留一个：“休”是放假，“班”是上班
calendar-event-worked = { $day } 标了“班”，但不是周末，本来就上班
    .remedy = 更正日期：调休上班的是星期六或星期日
calendar-event-days = 有一项长 { $days } 天，只能是 1 至 { $most } 天
    .remedy = 更正 DTSTART 和 DTEND；DTEND 是最后一天的次日
calendar-day-twice = { $day } 在本文件里出现在两项中
    .remedy = 删去其中一项

# 给人看的名称
unused-locale = 这个文件没有用处：locales 里没有“{ $locale }”
    .remedy = 把它加到 [pack] 的 locales，或给文件改名，或删去文件
string-missing = { $locale } 里没有名称“{ $id }”
    .remedy = 加一行 { $id } = ...
string-misspelt = { $locale } 里没有名称“{ $id }”
    .remedy = 更正这一行的“{ $other }”，或加一行 { $id } = ...
string-invisible = “{ $id }”里有看不见的字符
    .remedy = 重新输入这一行，不要复制粘贴
string-empty = “{ $id }”没有内容
    .remedy = 写上给人看的名称
string-twice = “{ $id }”在第 { $line } 行已经有了
    .remedy = 删去其中一个
string-syntax = 这一行不是“名称代码 = 文字”
    .remedy = 在一行里写 id = 文字，id 只用字母 a 至 z、数字和 -；注释以 # 开头

