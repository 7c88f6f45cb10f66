#!/bin/sh
# setup: makes a virtual environment with adrs, with uv if installed, else with venv and pip; removes it on failure.
#   setup.sh DIRECTORY .      for the command line
#   setup.sh DIRECTORY dev    for the tests too
set -eu

venv=$1
what=$2
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

if ! command -v "$python" >/dev/null 2>&1; then
    say "adrs needs Python 3.11 or later, and $python is not installed: sudo apt install python3 python3-venv"
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "adrs needs Python 3.11 or later; $python is $("$python" -V 2>&1): choose another with make PYTHON=python3.12"
    exit 2
fi

fresh=no
[ -x "$venv/bin/python" ] || fresh=yes
broken() {
    [ "$fresh" = yes ] && rm -rf "$venv"
    say "$1"
    exit 2
}

if [ "$what" = dev ]; then
    # The development group of pyproject.toml, which older versions of pip cannot read.
    wanted=$("$python" -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"]))')
else
    wanted=""
fi

install() { # install COMMAND...: adrs itself, editable, and the wanted packages
    # shellcheck disable=SC2086
    printf '%s\n' $wanted >"$venv/wanted.txt"
    "$@" -e . -r "$venv/wanted.txt"
}

if command -v uv >/dev/null 2>&1; then
    [ "$fresh" = no ] || uv venv --quiet --python "$python" "$venv" || broken "uv could not make $venv: see the message above"
    VIRTUAL_ENV=$venv install uv pip install --quiet --python "$venv/bin/python" || broken "uv could not install adrs: see the message above"
else
    if [ "$fresh" = yes ]; then
        say "setting up $venv (a minute or two, once)"
        if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
            rm -rf "$venv"
            # Without ensurepip (Debian without python3-venv), a pip outside can still fill the environment.
            "$python" -m venv --without-pip "$venv" || broken "cannot make a virtual environment: sudo apt install python3-venv"
            "$python" -m pip --version >/dev/null 2>&1 || broken "pip is not installed: sudo apt install python3-venv (or install uv)"
        fi
    fi
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        install "$venv/bin/python" -m pip install --quiet --disable-pip-version-check || broken "pip could not install adrs: see the message above"
    else
        install "$python" -m pip --python "$venv/bin/python" install --quiet --disable-pip-version-check ||
            broken "pip could not install adrs: see the message above, or try sudo apt install python3-venv"
    fi
fi
