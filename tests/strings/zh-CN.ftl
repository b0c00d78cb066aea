# doorstep-play 所说的话。政策包里的代码，名称在政策包里。

wrote-new = { $who }（{ $unit }）在 { $device } 上离线新建
wrote-edit = { $who }（{ $unit }）在 { $device } 上离线修改
wrote-refused = { $who }（{ $unit }）在 { $device } 上所写的内容被设备拒绝，未作任何改动
acted = { $who } 在 { $device } 上下达：{ $command }
held = { $who } 因计划走访在 { $device } 上占用此件，至 { $until }
synced = { $device }（{ $who }）已同步：发出 { $sent }，收到 { $received }，被拒 { $rejected }
conflict = 发现冲突：{ $field }
side = { $who } 写的是 { $value }（{ $device }，按中心时钟 { $at }）
base = 此前各方都看到的是 { $who } 写的 { $value }（{ $at }）
base-none = 此前此处无人填写
resolved = { $who } 审定 { $field }：{ $value }。理由：{ $reason }
waits-announced = 等待：{ $who } 已告知还有未到的修改，最迟至 { $until }
waits-checkout = 等待：{ $who } 正在计划走访中，最迟至 { $until }
waits-conflict = 等待：各方对 { $who } 说法不一，须由人审定
waits-quiet = 等待：政策所读的内容刚刚写入，静置至 { $until }
settled = 已沉淀：无待到修改、无人在途、无冲突、静置时间已够
cause-Intake = 首次提交即受理
cause-Settled = 已沉淀
cause-Provisional = 紧急，不等待
cause-Timer = 定时
cause-Review = 人工审定
cause-Command = 指令
cause-PolicyMigration = 政策版本更换
decided = 第 { $n } 次决定（{ $cause }）：{ $directive } → { $unit }，下一步 { $step }，期限 { $due }
decided-with = 协办：{ $units }
reason = 规则 { $rule }；依据 { $basis }；所读 { $inputs }
later = 若再无其他情况，{ $after } 之后（以此件自身的决定记录询问政策）：
clocks = 人所写内容的时间按设备时钟（由故事设定）；其余按中心时钟，即当下。
story-ok = 全部符合预期。
story-failed = 不符：{ $failure }
invariants = 对全部存储内容核查不变量：
invariant = { $id }. { $name }：核查 { $checked }，不符 { $failed }
invariant-none = { $id }. { $name }：一项也没有核查，视为不符
summary-ok = { $stories } 个故事，全部预期与不变量均成立。
summary-failed = 有不成立之处，见上。
server-up = 服务器仍在运行，内容俱在：{ $url }
sign-in = 在 { $url }/sign-in 用此令牌登录：{ $token }
sign-in-none = 这些故事中无人可登录其办公台。
stop = Ctrl-C 停止并删除其数据（{ $folder }）。

invariant-name-1 = 凡已确认的修改都在
invariant-name-2 = 同样的修改显示同样的件、同样的冲突
invariant-name-3 = 每个起因只决定一次，重放完全一致
invariant-name-4 = 已收回并清除的，任何设备都不再持有
invariant-name-5 = 无一丢失：事件流无缺号，链条完好
invariant-name-6 = 件件有承办单位、下一步和期限
invariant-name-7 = 每个数字都可由存储内容重算
invariant-name-8 = 无人看得到涉及自己的件
invariant-name-9 = 无停滞：等待均按时结束
invariant-name-10 = 未沉淀的件不作决定

page-title = 家门口的开销
page-lead = 在一台机器上用真实程序运行一次，每个数字旁边都有对照。字节数在哪里都一样；速率和时间只代表这台机器。
page-figures = 数据
page-measurement = 测量项
page-value = 数值
page-unit = 单位
page-baseline = 对照
page-ratio = 比值
page-chart-held-title = 无改动时重新连接的字节数与所持文档数
page-chart-held-axis = 所持文档数（无改动）
page-chart-held-caption = 无改动的重新连接：其他程序要为所持的每份文档付出字节，按变更推送的则不必。两轴均为对数；全部数值见下表。
page-chart-changed-title = 重新连接的字节数与改动文档数
page-chart-changed-axis = 改动的文档数
page-chart-changed-caption = 有改动的重新连接，与另外持有多少文档无关。两轴均为对数；全部数值见下表。
page-method-title = 方法
page-method =
    服务器、设备和负载是同一台机器上各自独立的进程，经本机回环通信。字节数由 TCP 代理在升级为 WebSocket 之后双向计数，包括关闭握手。每个案件有十二次改动；文档号、设备号和作者号都是不可压缩的字节。

    首次同步的对照是同样文档的未压缩保存，按每批一百份用 zstd 3 级压缩；设备另外还得到决定、回执和事实。带改动的重新连接以改动本身的字节为对照。空闲会话是服务器常驻内存的增量除以打开的会话数。

    标为 published 的各行是我们此前对其他程序的测量，文档有十次改动、每份 1.6 KB，本次运行没有重新测量。
page-repeat-title = 如何重复
page-repeat =
    先用 cargo build --workspace --bins --release 构建，再运行：{ $command }

    其间机器上不应运行别的程序。
