# Gives one path another name, in its directory or in another one of the same hub's directory.
#
#   sh -c SCRIPT move rename  ROOT HUB FOLDER OLD INTO NEW
#   sh -c SCRIPT move retire  ROOT HUB FOLDER OLD INTO NEW MANIFEST
#   sh -c SCRIPT move restore ROOT HUB FOLDER OLD INTO NEW
#
# All but the verb are base64, as in look.sh. ROOT and HUB as in mend.sh; FOLDER and INTO are below HUB, "" is that
# itself; OLD is a name in FOLDER, NEW the one that it gets in INTO. Both are entered without any link on the way, so that
# what is renamed stays below HUB, whatever is moved meanwhile. A link is renamed itself.
#
# retire makes INTO, directly in HUB and closed to all but its owner, with the text MANIFEST inside. One that was left
# empty by a run that was cut short is made anew: a server with quotas may have counted it as a tree of its own by then,
# and takes nothing into such a one. restore removes FOLDER, once there is nothing in it but the manifest.
#
# Ends with 0: renamed; 3: there is no OLD; 4: a directory is not there, or a link leads to it; 5: there is a NEW already;
# 6: it was not renamed. Nothing is ever copied: where the file system takes no renaming, copying would take hours, and
# then delete.
export LC_ALL=C PATH="$PATH:/bin:/usr/bin:/usr/sbin"

decoded() { printf '%s' "$1" | base64 -d && echo /; }

there() { [ -e "$1" ] || [ -L "$1" ]; }

entered() { cd -P "$top/$1" 2>/dev/null && [ "${PWD%/}" = "$top${1:+/}$1" ]; }

# Removes $1, directly in HUB, where it holds nothing but a manifest.
removed() {
  entered "$1" || return 1
  for inside in ./* ./.[!.]* ./..?*; do
    case $inside in ./_manifest.json | ./_manifest.json.new) continue ;; esac
    if there "$inside"; then return 1; fi
  done
  rm -f ./_manifest.json ./_manifest.json.new && cd "$top/" && rmdir "./$1"
}

made() {
  if there "$top/$into"; then removed "$into" || exit 5; fi
  cd "$top/" && mkdir -m 700 "./$into" && entered "$into" || exit 6
  umask 077
  printf '%s' "$manifest" | base64 -d >./_manifest.json.new && mv -f ./_manifest.json.new ./_manifest.json || exit 6
}

verb=$1 root=$(decoded "$2") hub=$(decoded "$3") folder=$(decoded "$4") old=$(decoded "$5")
into=$(decoded "$6") new=$(decoded "$7") manifest=${8-}
root=${root%/} hub=./${hub%/} folder=${folder%/} old=./${old%/} into=${into%/} new=${new%/}
if ! cd -P "$root" || [ -L "$hub" ] || ! cd -P "$hub"; then exit 4; fi
top=${PWD%/}
entered "$folder" || exit 4
if ! there "$old"; then
  if [ "$verb" = restore ]; then removed "$folder" && exit 0; fi
  exit 3
fi
if [ "$verb" = retire ]; then made; fi
entered "$into" || exit 4
exec 3<.
entered "$folder" || exit 4
new=/proc/self/fd/3/$new
there "$new" && exit 5
# No file may grow: a copy would end at its first byte, before anything is deleted.
(ulimit -c 0; ulimit -f 0 && exec mv -n -T "$old" "$new")
if [ $? = 153 ]; then echo "the file system takes no renaming there, and it is not copied" >&2; fi
if there "$old" || ! there "$new"; then exit 6; fi
if [ "$verb" = restore ]; then removed "$folder"; fi
exit 0
