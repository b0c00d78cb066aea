
# Backups
admin-backups = Backups
backups-lead = Each backup is held against all invariants as it is made. Whoever runs the machine restores one, by a command.
backups-none = No backup has been made.
backups-secret = The secret (secret.key) is in no backup: keep a copy elsewhere. A backup on the disk of the data is lost with it.
backup-age = The last good backup is { $span } old
backup-old = That is too old.
backup-none-good = There is no good backup
backup-ask = Back up now
backup-ask-hint = Reads everything: some minutes in a large district, beside the daily work.
backup-making = A backup is being made; open this page again later.
backup-verified = Verified
backup-unverified = Made, but an invariant fails in it
backup-missing = Made, but { $n } attachments are missing
backup-failed-interrupted = Not made: the server stopped meanwhile
backup-failed-full = Not made: 14 are lying there, move them away first
backup-failed-disk = Not made: the disk could not be written or read, see the log
backup-by-command = By command or timer
backup-by-other = An administrator of another district
error-backup-asked = One is being made already. No other was begun.
act-backup-ask = Backup asked for
col-result = Result
col-size = Size
col-files = Attachments
col-asked-by = By whom
