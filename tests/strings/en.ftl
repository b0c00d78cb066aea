# What doorstep-play says. Codes of policy packs have their names in the pack.

wrote-new = { $who } ({ $unit }) wrote a new document on { $device }, offline
wrote-edit = { $who } ({ $unit }) edited on { $device }, offline
wrote-refused = { $who } ({ $unit }) wrote on { $device } what the device refuses; nothing was changed
acted = { $who } gives a command on { $device }: { $command }
held = { $who } keeps the case for a planned visit on { $device } until { $until }
synced = { $device } ({ $who }) synced: { $sent } sent, { $received } received, { $rejected } refused
conflict = Conflict found: { $field }
side = { $who } says { $value } (on { $device }, { $at } by the centre's clock)
base = before, all of them had seen { $value } by { $who } ({ $at })
base-none = before, nobody had written anything here
resolved = { $who } decided { $field }: { $value }. Reason: { $reason }
waits-announced = Waits: { $who } has announced edits that are not here yet, until { $until } at the longest
waits-checkout = Waits: { $who } is on a planned visit, until { $until } at the longest
waits-conflict = Waits: people disagree about { $who }; only a person can decide
waits-quiet = Waits: what policy reads was written a moment ago; quiet until { $until }
settled = Settled: nothing announced, nobody on the way, nothing in conflict, quiet for long enough
cause-Intake = taken in at the first commit
cause-Settled = settled
cause-Provisional = urgent, without waiting
cause-Timer = a timer
cause-Review = a person's review
cause-Command = a command
cause-PolicyMigration = another version of the policy
decided = Decision { $n } ({ $cause }): { $directive } → { $unit }, next step { $step }, due { $due }
decided-with = together with { $units }
reason = rule { $rule }; basis { $basis }; read { $inputs }
later = If nothing else happens, { $after } later (asked of the policy with the case's own decisions):
clocks = Times of what people write are by the devices' clocks, which the story sets; all others are by the centre's, which is today's.
story-ok = Every expectation held.
story-failed = FAILED: { $failure }
invariants = Invariants, over everything that was stored:
invariant = { $id }. { $name }: { $checked } checked, { $failed } failed
invariant-none = { $id }. { $name }: NOTHING was checked, which counts as a failure
summary-ok = { $stories } stories, every expectation and every invariant held.
summary-failed = Something does not hold: see above.
server-up = The server is still up with all of it: { $url }
sign-in = Sign in at { $url }/sign-in with this token: { $token }
sign-in-none = Nobody of these stories may sign in at its desk.
stop = Ctrl-C stops it and removes its data ({ $folder }).

invariant-name-1 = every acknowledged change survives
invariant-name-2 = the same changes show the same case and the same conflicts
invariant-name-3 = each cause is decided once and replays identically
invariant-name-4 = what was revoked and purged is held by no device
invariant-name-5 = nothing is dropped: the feed is gapless and its chain holds
invariant-name-6 = every case has an owner, a next step and a due time
invariant-name-7 = every figure can be recomputed from what is stored
invariant-name-8 = nobody sees a case about himself
invariant-name-9 = nothing stalls: no wait outlives its end
invariant-name-10 = no decision on an unsettled case

page-title = What Doorstep costs
page-lead = One run of the real programs on one machine, each figure beside what it is held against. Bytes hold anywhere; rates and times are those of the machine.
page-figures = Figures
page-measurement = measurement
page-value = value
page-unit = unit
page-baseline = baseline
page-ratio = ratio
page-chart-held-title = Bytes of a reconnect with nothing changed, against documents held
page-chart-held-axis = documents held (nothing changed)
page-chart-held-caption = A reconnect with nothing changed: the peers pay for every document held, a feed does not. Both axes are logarithmic; all values are in the table below.
page-chart-changed-title = Bytes of a reconnect, against documents changed
page-chart-changed-axis = documents changed
page-chart-changed-caption = A reconnect with changes, whatever is held besides. Both axes are logarithmic; all values are in the table below.
page-method-title = Method
page-method =
    Server, devices and load are processes of their own on one machine and talk over loopback. Bytes are counted by a TCP proxy after the upgrade to WebSocket, both ways, closing handshakes included. Cases have twelve changes; ids, device ids and actors are incompressible bytes.

    A first sync is held against the uncompressed saves of the same documents, compressed with zstd at level 3 in batches of one hundred; the device gets the decisions, receipts and facts besides. A reconnect with edits is held against the bytes of the changes themselves. An idle session is the growth of the server's resident memory divided by the sessions opened.

    Rows marked as published are our own earlier measurements of other programs, with documents of ten changes and 1.6 KB each. They were not measured again in this run.
page-repeat-title = How to repeat it
page-repeat =
    Build with cargo build --workspace --bins --release, then run: { $command }

    Nothing else should run on the machine meanwhile.
