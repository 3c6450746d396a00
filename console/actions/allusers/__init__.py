"""allusers: the admin mount of every home, in the values file or live."""
