#!/bin/sh
# Puts Heeldrive on a Raspberry Pi (or any Debian, 64-bit) as two services, and takes it off again.
#
#   sudo systemd/install.sh             install, or mend what is installed
#   sudo systemd/install.sh upgrade     install this checkout beside the present one, and switch to it
#   sudo systemd/install.sh rollback    switch back to the one before
#   sudo systemd/install.sh uninstall   remove it all but the data and the config; --purge-data removes them too
#
# --root DIR works on a system that is not running, below DIR, and starts nothing;
# --for pi|pi5 names the Pi it is for (pi: up to 4), where that is not this machine.
set -eu
umask 022

checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
root=
action=install
purge=no
library=

say() { printf '%s\n' "$*"; }
fail() { printf 'heeldrive install: %s\n' "$*" >&2; exit 1; }

usage() { sed -n '2,10s/^# \{0,1\}//p' "$0"; }

read_words() {
    while [ $# -gt 0 ]; do
        case $1 in
            install | upgrade | rollback | uninstall) action=$1 ;;
            --purge-data) purge=yes ;;
            --root)
                [ -d "${2:-}" ] || fail "--root needs a folder that is there."
                root=$(CDPATH='' cd -- "$2" && pwd)
                [ "$root" != / ] || root=
                shift ;;
            --for)
                case ${2:-} in pi | pi5) library=$2 ;; *) fail "--for is pi or pi5." ;; esac
                shift ;;
            -h | --help) usage; exit 0 ;;
            *) usage >&2; exit 2 ;;
        esac
        shift
    done
    [ "$purge" = no ] || [ "$action" = uninstall ] || fail "--purge-data goes with uninstall."
    base=$root/opt/heeldrive
    units=$root/etc/systemd/system
    config=$root/etc/heeldrive
    data=$root/var/lib/heeldrive
}

# Whether the system below $root is the one that runs.
live() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

check_machine() {
    [ "$(id -u)" = 0 ] || [ -n "$root" ] || fail "run it with sudo."
    case $(uname -m) in
        aarch64 | x86_64) ;;
        *) fail "a 64-bit system is needed, not $(uname -m): write the 64-bit Raspberry Pi OS to the card." ;;
    esac
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "Python 3.11 or newer is needed: Raspberry Pi OS Bookworm and Trixie have it."
}

# The GPIO library goes by the model: RPi.GPIO does not know the Pi 5, and the two can't live together.
gpio_extra() {
    [ -z "$library" ] || { say "$library"; return; }
    model=$(tr -d '\0' 2>/dev/null < "$root/proc/device-tree/model") || model=
    case $model in
        "Raspberry Pi 5"* | "Raspberry Pi Compute Module 5"*) say pi5 ;;
        "Raspberry Pi"*) say pi ;;
        *) say '' ;;
    esac
}

needed_packages() {
    needed=
    python3 -c 'import ensurepip, venv' 2>/dev/null || needed=python3-venv
    # RPi.GPIO comes as source alone for 64-bit systems.
    if [ "$1" = pi ]; then
        command -v cc >/dev/null || needed="$needed gcc libc6-dev"
        python3 -c 'import pathlib, sysconfig, sys
sys.exit(not pathlib.Path(sysconfig.get_paths()["include"], "Python.h").exists())' || needed="$needed python3-dev"
    fi
    [ -z "$needed" ] && return
    [ -z "$root" ] || fail "these packages are missing: $needed."
    say "Installing $needed"
    # shellcheck disable=SC2086 # a list of words
    apt-get update -qq && apt-get install -y -qq $needed
}

# What is installed goes by version and sha256, whatever an index offers. No package runs a script of its own
# meanwhile but RPi.GPIO, which comes as source alone; the source of hx711 would have pipenv fetch more.
install_pinned() {
    "$new/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: --no-binary rpi-gpio --no-build-isolation --use-pep517 "$@" ||
        fail "the packages of systemd/lock could not be had unchanged, see above: what was installed stays as it is."
}

install_project() {
    pins=$checkout/systemd/lock
    install_pinned -r "$pins/build.txt"
    install_pinned -r "$pins/station.txt" ${1:+-r "$pins/$1.txt"}
    # From a copy, so that nothing is left in the checkout by root.
    mkdir "$new/source"
    (cd "$checkout" && cp -R pyproject.toml README.md LICENSE station hardware web "$new/source")
    "$new/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
        "$new/source"
    rm -rf "$new/source"
    "$new/bin/python" -m pip uninstall --quiet --yes setuptools
    "$new/bin/python" -m pip check >/dev/null || fail "what is pinned in systemd/lock is not whole: make lock."
}

# Build this checkout's environment and switch to it; what was there before stays, for a rollback.
put_release() {
    extra=$(gpio_extra)
    needed_packages "$extra"
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$checkout/pyproject.toml")
    name=$version-$(date -u +%Y%m%dT%H%M%SZ)
    new=$base/releases/$name
    [ ! -e "$new" ] || fail "$new is there already: try again in a second."
    say "Building $name${extra:+ for a Pi, with its library \"$extra\"}: some minutes"
    mkdir -p "$base/releases"
    trap 'rm -rf "$new"' EXIT
    trap 'exit 1' INT TERM
    python3 -m venv "$new"
    install_project "$extra"
    "$new/bin/python" -P -m station --version >/dev/null || fail "the new environment does not run."
    # Below another root its scripts must name the place that they will have.
    [ -z "$root" ] || sed -i "1s|^#!$root/|#!/|" "$new"/bin/heeldrive "$new"/bin/pip*
    mkdir -p "$new/share/doc/heeldrive"
    cp "$checkout"/README.md "$checkout"/CHANGELOG.md "$checkout"/docs/*.md "$checkout"/hardware/*.md \
        "$checkout"/systemd/config.toml "$new/share/doc/heeldrive/"
    # It is whole: on the card before anything points at it.
    sync
    [ ! -L "$base/current" ] || point previous "$(readlink "$base/current")"
    point current "releases/$name"
    trap - EXIT INT TERM
}

point() {
    ln -sfn "$2" "$base/.$1" && mv -Tf "$base/.$1" "$base/$1"
}

forget_older() {
    for old in "$base"/releases/*; do
        case releases/${old##*/} in
            "$(readlink "$base/current")" | "$(readlink "$base/previous" || true)") ;;
            *) rm -rf "$old" ;;
        esac
    done
}

put_file() { install -D -m "${3:-644}" "$checkout/systemd/$1" "$root$2"; }

put_system_files() {
    for unit in heeldrive-sampler heeldrive-station heeldrive-failed@ heeldrive-console; do
        put_file "$unit.service" "/etc/systemd/system/$unit.service"
    done
    put_file sysusers.conf /etc/sysusers.d/heeldrive.conf
    put_file gpio.rules /etc/udev/rules.d/60-heeldrive-gpio.rules
    put_file journald.conf /etc/systemd/journald.conf.d/heeldrive.conf
    put_file heeldrive.avahi-service /etc/avahi/services/heeldrive.service
    put_file heeldrive.sh /usr/local/bin/heeldrive 755
    if [ ! -e "$config/config.toml" ]; then
        put_file config.toml /etc/heeldrive/config.toml
        # On a Pi 5 the RPi.GPIO calls are too slow for a clock pulse.
        [ "$(gpio_extra)" != pi5 ] || sed -i 's/^backend = "gpio" /backend = "gpiod"/' "$config/config.toml"
    fi
    # Every 64-bit Pi has four CPUs; elsewhere the units must not ask for the fourth.
    if [ "$(nproc --all)" -lt 4 ]; then
        for unit in heeldrive-sampler heeldrive-station; do
            mkdir -p "$units/$unit.service.d"
            printf '[Service]\nCPUAffinity=\n' > "$units/$unit.service.d/fewer-cpus.conf"
        done
    fi
    systemd-sysusers ${root:+--root="$root"}
    # Who installs it may list and export what is recorded.
    if live && [ -n "${SUDO_USER:-}" ]; then usermod -aG heeldrive "$SUDO_USER"; fi
    systemctl ${root:+--root="$root"} --quiet enable heeldrive-sampler.service \
        heeldrive-station.service heeldrive-console.service
}

start_services() {
    live || return 0
    systemctl daemon-reload
    udevadm control --reload 2>/dev/null || true
    udevadm trigger --subsystem-match=gpio || true
    systemctl restart systemd-journald
    systemctl reset-failed 'heeldrive-*' 2>/dev/null || true
    systemctl restart --no-block heeldrive-sampler.service
    # Returns once the page answers.
    systemctl restart heeldrive-station.service
}

show_address() {
    live || return 0
    systemctl restart heeldrive-console.service || true
    say "Open http://$(hostname).local:8000, or scan:"
    heeldrive where || true
}

where() { say "Heeldrive $(readlink "$base/current" | sed 's|releases/||') is installed${root:+ below $root}."; }

do_install() {
    check_machine
    [ -e "$base/current/bin/python" ] || put_release
    forget_older
    put_system_files
    start_services || fail "the station does not come up: see journalctl -u heeldrive-station."
    where
    show_address
}

do_upgrade() {
    [ -L "$base/current" ] || fail "nothing is installed yet: run it without \"upgrade\"."
    check_machine
    was=$(readlink "$base/current")
    before=$(readlink "$base/previous" || true)
    put_release
    put_system_files
    if ! start_services; then
        point current "$was"
        if [ -n "$before" ]; then point previous "$before"; else rm -f "$base/previous"; fi
        forget_older
        start_services || true
        fail "the new version did not come up, so the one before runs again; see journalctl -u heeldrive-station."
    fi
    forget_older
    where
    say "To go back: sudo systemd/install.sh rollback"
}

switch_back() {
    [ -e "$base/previous/bin/python" ] || fail "there is no earlier version to go back to."
    before=$(readlink "$base/previous")
    point previous "$(readlink "$base/current")"
    point current "$before"
}

do_rollback() {
    switch_back
    start_services || fail "the station does not come up: see journalctl -u heeldrive-station."
    where
}

do_uninstall() {
    if live; then
        systemctl --quiet disable --now heeldrive-station.service \
            heeldrive-sampler.service heeldrive-console.service 2>/dev/null || true
    fi
    rm -f "$units"/multi-user.target.wants/heeldrive-*.service "$units"/heeldrive-*.service
    rm -rf "$units"/heeldrive-*.service.d "$base"
    rm -f "$root/etc/sysusers.d/heeldrive.conf" "$root/etc/udev/rules.d/60-heeldrive-gpio.rules" \
        "$root/etc/systemd/journald.conf.d/heeldrive.conf" "$root/etc/avahi/services/heeldrive.service" \
        "$root/usr/local/bin/heeldrive"
    if live; then systemctl daemon-reload; fi
    if [ "$purge" = yes ]; then
        rm -rf "$data" "$config"
        say "Heeldrive, its data and its config are removed."
    else
        say "Heeldrive is removed; the sessions are still in $data, the config in $config."
    fi
}

read_words "$@"
"do_$action"
