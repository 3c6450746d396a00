# Gives paths another owner, and another mode where one is named. Only those that are still as they were are changed.
#
#   sh -c SCRIPT mend ROOT HUB BYTES COUNT OWNER MODE TEST...
#
# ROOT and HUB are base64, as in look.sh. OWNER is UID:GID, MODE octal or "-". Each TEST is a word of find's: what a
# path was when it was approved. On standard input come BYTES of COUNT words, each ended by NUL:
#
#   in N DIR NAME...    N names, each beginning with "./", in DIR, which is entered without any link on the way: what
#                       is named then stays below it, whatever is moved meanwhile
#   must N PATH...      every PATH has to be a directory and no link, now and at the end: else it ends with status 3
#
# Links are changed themselves (chown -h) and never followed.
export LC_ALL=C PATH="$PATH:/bin:/usr/bin:/usr/sbin"

decoded() { printf '%s' "$1" | base64 -d && echo /; }

apply='
owner=$1 mode=$2 tests=$3 top=$PWD
shift 3
change() {
  if [ "$mode" = - ]; then
    find "$@" -prune $tests -exec chown -h "$owner" {} +
  else
    find "$@" -prune $tests -exec chown -h "$owner" {} + -exec chmod "$mode" {} +
  fi
}
directories() {
  [ -z "$(find "$@" -prune ! -type d 2>&1 | head -c 1)" ]
}
# Sets WORDS to the names of NUMBER arguments, the first being AT: only numbers become text of the shell. Ten at once,
# and the long text touched seldom, since that is what would cost most.
named() {
  words= some= last=$((at + number - 1))
  while [ "$at" -le "$last" ]; do
    ten=${at%0}
    if [ "$ten" != "$at" ] && [ "$((at + 9))" -le "$last" ]; then
      some="$some \"\${${ten}0}\" \"\${${ten}1}\" \"\${${ten}2}\" \"\${${ten}3}\" \"\${${ten}4}\""
      some="$some \"\${${ten}5}\" \"\${${ten}6}\" \"\${${ten}7}\" \"\${${ten}8}\" \"\${${ten}9}\""
      at=$((at + 10))
    else
      some="$some \"\${$at}\""
      at=$((at + 1))
    fi
    if [ "${#some}" -gt 2000 ]; then words="$words$some" some=; fi
  done
  words="$words$some"
}
at=1 must=
while [ "$at" -le "$#" ]; do
  eval "verb=\${$at} number=\${$((at + 1))}"
  at=$((at + 2)) below=
  if [ "$verb" = in ]; then
    eval "below=\${$at}"
    at=$((at + 1))
  fi
  named
  cd -P "$top" || exit 4
  if [ "$verb" = must ]; then
    must=$words
    eval "directories $must" || exit 3
  elif cd -P "./$below" 2>/dev/null && [ "$PWD" = "${top%/}${below:+/}$below" ]; then
    eval "change $words"
  fi
done
if [ -n "$must" ]; then
  cd -P "$top" && eval "directories $must" || exit 3
fi
'

root=$(decoded "$1") hub=$(decoded "$2")
root=${root%/} hub=./${hub%/} bytes=$3 count=$4 owner=$5 mode=$6
shift 6
if ! cd -P "$root" || [ -L "$hub" ] || ! cd -P "$hub"; then exit 4; fi
head -c "$bytes" | xargs -0 -r -x -s 1048576 -n "$((count + 1))" sh -c "$apply" mend "$owner" "$mode" "$*"
