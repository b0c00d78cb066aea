
# Told outside
hook-text = [Doorstep] { $what }: { $number }, { $whose }, { $step }, by { $due }. { $link }
admin-hooks = Told outside
hooks-lead = Decisions told to addresses that the configuration names: codes, units, times and a link. Each decision once to each address.
hooks-none = Nothing has been told yet.
col-hook = Address
hook-waiting = Waiting
hook-trying = Being sent
hook-delivered = Delivered
hook-failed = Not delivered
hook-unknown = Cannot be known; not sent again
hook-tries = Attempts { $n }
hook-next = next
