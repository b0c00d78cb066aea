# Problems
problem-not-found = There is nothing here, or it is not for you
problem-not-found-next = Check the address, or ask somebody who may see it.
problem-signed-out = Your session has ended
problem-signed-out-next = Nothing was changed. Go back to the desk and sign in again.
problem-foreign = This form was not shown to you: somebody else may have signed in here since, or it is weeks old
problem-foreign-next = Nothing was changed. Open the page again and send it from there.
problem-moved-on = Things have changed
problem-moved-on-next = Nothing was changed. Look at how things stand now.
problem-fault = The server cannot do this now
problem-fault-next = Nothing was changed. Try again in a moment; if it stays so, tell your administrator.
problem-unread = What was sent does not read
problem-unread-next = Nothing was changed. Go back and correct it.

# A figure was asked for of what there is not.
cohort-no-year = There is no year { $value } of which figures are counted. Years are { $known }.
cohort-no-value = There is no { $field } "{ $value }". There are { $known }.
cohort-no-value-of-many = There is no { $field } "{ $value }". There are { $known } and { $more } more.
cohort-no-value-next = Name one of these, or all.
