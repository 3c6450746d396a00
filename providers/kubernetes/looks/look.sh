# Looks at a hub's directory and says what is there. It only reads; nothing that changes belongs here.
#
#   sh -c SCRIPT look NONCE ROOT HUB WHAT UID GID [HOME...]
#
# ROOT is where the share is mounted, HUB the hub's directory below it (empty: ROOT itself), HOME a home whose size is
# to be counted: all in base64, since names may be any bytes and never become text of the shell. WHAT is a list, with
# commas: base, entries, deep. UID and GID are the expected owner.
#
# Each record is NONCE, a space, its kind and fields, with a name of any bytes last; the next record's NONCE ends it.
# What is said is packed by gzip, whose checksum tells when a log has lost something, and then in base64, so that it
# comes whole through logs that only take text. Beside them, on standard error, a "~" every two seconds for as long as
# the server answers: reading, searching and counting may say nothing for minutes. Runs in busybox's tools and in GNU's.
export LC_ALL=C QUOTING_STYLE=literal PATH="$PATH:/bin:/usr/bin:/usr/sbin"
nonce=$1 what=,$4, uid=$5 gid=$6
fields='%f %u %g %Y %s %N'

packed() { gzip -1 | base64; }

say() { printf '%s %s\n' "$nonce" "$1"; }

# A mark behind the name keeps the newlines at its end.
decoded() { printf '%s' "$1" | base64 -d && echo /; }

wanted() { case $what in *,"$1",*) return 0 ;; *) return 1 ;; esac; }

# Entries of the directory where we are, as records of kind $1; the other arguments are find's.
listed() {
  kind=$1
  shift
  {
    wrong=$({ find . "$@" -print0 | xargs -0 -r stat -c "$nonce $kind $fields" >&3; } 2>&1 |
      { head -n 20; cat >/dev/null; })
  } 3>&1
  [ -z "$wrong" ] || say "error $kind $wrong"
  say "listed $kind"
}

# The mean of up to 100 questions for names that nobody has asked for, so that no cache answers; half a second at most.
round_trip() {
  read -r began _ </proc/uptime || return 0
  began=${began%.*}${began#*.} took=0 asked=0
  while [ "$asked" -lt 100 ] && [ "$took" -lt 50 ]; do
    [ -e "./.hubhomes-$nonce-$asked" ]
    asked=$((asked + 1))
    read -r now _ </proc/uptime
    took=$((${now%.*}${now#*.} - began))
  done
  say "trip $asked $took"
}

began() {
  case $(stat -c %N /proc/self/cwd) in "'"*) quoted=quoted ;; *) quoted=plain ;; esac
  say "begin 1 $quoted"
}

hub_itself() {
  wrong=$(stat -c %f "$hub" 2>&1 >/dev/null)
  if [ -z "$wrong" ]; then
    stat -c "$nonce hub $fields" "$hub"
    stat -c "$nonce inode %i" "$hub"
  else
    say "nohub $wrong"
  fi
}

# Each time a name that nobody has asked for, so that no cache answers. Where the server is silent, so is this.
beats() {
  command -v sleep >/dev/null 2>&1 || return 0
  asked=0
  while kill -0 "$$" 2>/dev/null; do
    echo '~' >&2
    sleep 2 </dev/null >/dev/null 2>&1
    [ -e "./.hubhomes-$nonce-beat-$asked" ]
    asked=$((asked + 1))
  done
}

sized() {
  say "sizing $1"
}

counted() {
  if [ -d "./$1" ] && [ ! -L "./$1" ]; then
    whole=1
    kib=$(du -skx "./$1" 2>/dev/null) || whole=0
    kib=${kib%%[!0-9]*}
    say "size ${kib:--} $whole $1"
  else
    say "size - 0 $1"
  fi
}

root=$(decoded "$2") hub=$(decoded "$3")
root=${root%/} hub=./${hub%/}
if ! wrong=$(cd "$root" 2>&1) || ! cd "$root"; then
  { say "begin 1 plain"; say "noroot $wrong"; say end; } | packed
  exit 0
fi
# Each question to the server in a piece of its own: where it stays silent, what came last tells at which.
began | packed
stat -f -c "$nonce space %S %b %f %a %c %d" . 2>/dev/null | packed
round_trip | packed
hub_itself | packed
beats >/dev/null &
beating=$!
if wanted base; then listed base -mindepth 1 -maxdepth 1 -type d | packed; fi
shift 6
if [ ! -L "$hub" ] && [ -d "$hub" ]; then
  if ! wrong=$(cd "$hub" 2>&1); then
    say "error in $wrong" | packed
  else
    cd "$hub" || exit 1
    if wanted entries; then listed in -mindepth 1 -maxdepth 1 | packed; fi
    if wanted deep; then
      listed deep -mindepth 2 -maxdepth 2 '(' ! -user "$uid" -o ! -group "$gid" ')' | packed
    fi
    for home; do
      home=$(decoded "$home")
      home=${home%/}
      sized "$home" | packed
      counted "$home" | packed
    done
  fi
fi
kill "$beating" 2>/dev/null
say end | packed
