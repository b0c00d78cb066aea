stand-in = stand-in
