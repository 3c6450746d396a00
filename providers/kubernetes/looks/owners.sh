# Tells which paths below a hub's directory have a wrong owner, or how given paths are. It only reads.
#
#   sh -c SCRIPT owners NONCE ROOT HUB tree|top UID GID [START...]    what is wrong: of each START, or of everything
#   sh -c SCRIPT owners NONCE ROOT HUB paths BYTES                    of paths on standard input, each ended by NUL
#
# ROOT, HUB and START are base64, as in look.sh; paths begin with "./". Wrong is what UID:GID does not own, and a
# directory that its owner may not read, write and enter. What begins with a dot, lost+found and retired homes (_trash-NAME,
# _trash.2-NAME) are left out. Links are told as links and never followed, other file systems
# not entered. Records are those of look.sh, packed as there: `own MODE UID GID LINKS DEVICE PATH`. Beats on standard
# error are those of look.sh, too.
export LC_ALL=C PATH="$PATH:/bin:/usr/bin:/usr/sbin"
nonce=$1 what=$4

packed() { gzip -1 | base64; }

say() { printf '%s %s\n' "$nonce" "$1"; }

decoded() { printf '%s' "$1" | base64 -d && echo /; }

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

told() { xargs -0 -r -s 131072 stat -c "$nonce own %f %u %g %h %d %n"; }

# The first argument are words of find's that limit where it goes.
wrong_ones() {
  limits=$1
  shift
  find "$@" $limits -type d '(' -path './.*' -o -path ./lost+found -o -path './_trash[-.]*' ')' -prune -o \
    '(' ! -user "$uid" -o ! -group "$gid" -o -type d ! -perm -700 ')' ! -path './.*' ! -path ./lost+found -print0
}

searched() {
  if [ "$what" = paths ]; then
    head -c "$bytes" | told
  elif [ $# -gt 0 ] && [ "$what" = top ]; then
    wrong_ones "-maxdepth 0" "$@" | told
  elif [ $# -gt 0 ]; then
    wrong_ones -xdev "$@" | told
  elif [ "$what" = top ]; then
    wrong_ones "-mindepth 1 -maxdepth 1 -xdev" . | told
  else
    wrong_ones "-mindepth 1 -xdev" . | told
  fi
}

all() {
  say "begin $(stat -c %d .)"
  if [ "$what" != paths ]; then stat -c "$nonce own %f %u %g %h %d %n" .; fi
  {
    wrong=$({ searched "$@" >&3; } 2>&1 | { head -n 20; cat >/dev/null; })
  } 3>&1
  [ -z "$wrong" ] || say "error $wrong"
  say end
}

root=$(decoded "$2") hub=$(decoded "$3")
root=${root%/} hub=./${hub%/}
if [ "$what" = paths ]; then bytes=$5; shift 5; else uid=$5 gid=$6; shift 6; fi
if ! cd -P "$root" || [ -L "$hub" ] || ! cd -P "$hub"; then
  { say "nothing"; say end; } | packed
  exit 0
fi
number=$#
while [ "$number" -gt 0 ]; do
  start=$(decoded "$1")
  shift
  set -- "$@" "./${start%/}"
  number=$((number - 1))
done
beats >/dev/null &
beating=$!
all "$@" | packed
kill "$beating" 2>/dev/null
