# What the desk says. Each file entry by entry as its twin in zh-CN.

brand = Doorstep
page-title = { $title } — Doorstep
desk = Desk
to-desk = Back to the desk
skip = Skip to content
other-language = 中文
sign-out = Sign out
choose = Choose…
and-separator = ,{" "}
places = Places of the desk
place-inbox = Inbox
place-conflicts = Conflicts
place-cases = Cases
place-supervision = Supervision
place-admin = Administration

