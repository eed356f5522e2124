#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# classify-assemble.sh CASES: assembles each case's text and compares the bytes with the case's. Cases whose assembler is
# not installed are counted and left out. With "print" as second argument prints the cases with the bytes it got.
set -eu
cases=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0 compared=0 without=0
while read -r mode bytes class kind text; do
    case $mode in
    '#'*) [ "${2:-}" != print ] || echo "$mode $bytes $class $kind $text"; continue ;;
    x86_64) tool= options=--64 prologue= ;;
    x86_32) tool= options=--32 prologue= ;;
    x86_16) tool= options=--32 prologue=.code16 ;;
    aarch64) tool=aarch64-linux-gnu- options=-march=armv8.5-a prologue= ;;
    riscv64) tool=riscv64-linux-gnu- options=-march=rv64gch_zicsr_zifencei prologue='.option norelax' ;;
    esac
    case $mode$text in
    riscv64c.*) ;;
    riscv64*) prologue="$prologue
.option norvc" ;;
    esac
    if ! command -v ${tool}as >/dev/null || { [ -z "$tool" ] && ! as --64 -o /dev/null /dev/null 2>/dev/null; }; then
        without=$((without + 1))
        continue
    fi
    printf '%s\n%s\n' "$prologue" "$text" | ${tool}as $options -o "$dir/o" -
    ${tool}objcopy -O binary -j .text "$dir/o" "$dir/bin"
    got=$(od -An -v -tx1 "$dir/bin" | tr -d ' \n')
    compared=$((compared + 1))
    [ "${2:-}" != print ] || echo "$mode $got $class $kind $text"
    if [ "$got" != "$bytes" ]; then
        echo "classify-assemble: $mode $text: assembles to $got, the case has $bytes" >&2
        failed=$((failed + 1))
    fi
done <"$cases"
echo "classify-assemble: $compared cases compared, $failed differ, $without without an assembler" >&2
[ "$failed" = 0 ]
