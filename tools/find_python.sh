#!/bin/sh
# Print the path of a Python that can make the environment: it runs, is new enough, and has venv.
# One that is newer than those of the locks (see CONTRIBUTING.md) is taken if there is no other.
# $1, if not empty, is the only candidate. Otherwise one clear line goes to stderr, and exit code 1.
# Names on the PATH prove nothing (pyenv's shims exist for versions that are switched off): run them.

probe='
import sys
if sys.version_info < (3, 11):
    print("is Python %d.%d" % tuple(sys.version_info[:2]))
    sys.exit(1)
try:
    import ensurepip, venv
except ImportError:
    print("has no venv module")
    sys.exit(1)
print(sys.executable)
'

wanted=$1
case $wanted in
    "") candidates="python3 python3.13 python3.12 python3.11 python" ;;
    "~/"*) candidates=given wanted=$HOME/${wanted#"~/"} ;;
    *) candidates=given ;;
esac

too_new='import sys; sys.exit(sys.version_info < (3, 14))'

found=
newer=
bare=
for name in $candidates; do
    [ "$name" = given ] && name=$wanted
    command -v "$name" >/dev/null 2>&1 || { [ -z "$wanted" ] || found="$name is not there"; continue; }
    if answer=$("$name" -I -c "$probe" 2>/dev/null); then
        if [ -z "$wanted" ] && "$name" -I -c "$too_new" 2>/dev/null; then
            newer=${newer:-$answer}
            continue
        fi
        printf '%s\n' "$answer"
        exit 0
    fi
    found="${found:+$found, }$name ${answer:-does not run}"
    case $answer in *"no venv"*) bare=${bare:-${name##*/}} ;; esac
    [ "$bare" != python ] || bare=python3 # no package is called python-venv
done

if [ -n "$newer" ]; then
    printf '%s\n' "$newer"
    exit 0
fi

fix="install Python 3.13 (python.org, or your system's packages), or name one: make setup PYTHON=/path/to/python3"
case $found in
    *"no venv"*) fix="on Debian or Ubuntu run: sudo apt install $bare-venv; or name another: make setup PYTHON=/path/to/python3" ;;
esac
echo "This needs Python 3.11 or newer with its venv module; found: ${found:-no Python at all}. Likely fix: $fix" >&2
exit 1
