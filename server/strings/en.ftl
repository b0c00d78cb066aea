# What the command line of the centre says of a pack.
check-file = file
check-line = line
check-column = column
check-code = code
check-what = what
check-remedy = remedy
check-none = No problems.
