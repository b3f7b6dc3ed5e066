# bash completion for sshpermctl. Held to --help by tests/docs/manuals_test.py.
# Names of accounts are data: they are compared, never given to compgen -W, which expands them.

# _sshpermctl_add WORD...: those of them that begin with what is typed.
_sshpermctl_add() {
    local word
    for word; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
    done
}

_sshpermctl_users() {
    local name uid _
    while IFS=: read -r name _ uid _; do
        ((uid >= 1000 && uid < 65534)) 2>/dev/null && _sshpermctl_add "$(printf %q "$name")"
    done < <(getent passwd 2>/dev/null)
}

_sshpermctl_files() {
    local path
    compopt -o filenames 2>/dev/null
    while IFS= read -r path; do
        COMPREPLY+=("$path")
    done < <(compgen -f -- "$cur")
}

# What follows the option $1.
_sshpermctl_argument() {
    case $1 in
    --color) _sshpermctl_add auto always never ;;
    --config | --key | --root | --socket | --textfile) _sshpermctl_files ;;
    --user | --owner-from) _sshpermctl_users ;;
    --trust-content | --state | --since | --for | --from | --reason) ;;
    *) return 1 ;;
    esac
}

_sshpermctl_options() {
    _sshpermctl_add --color --config --help --json --quiet --socket --verbose -h -q -v
    case $1 in
    add-key) _sshpermctl_add --dry-run --from-imds --root ;;
    check | keys) _sshpermctl_add --root ;;
    explain) _sshpermctl_add --from --key --root ;;
    events) _sshpermctl_add --follow --since --user -f ;;
    metrics) _sshpermctl_add --textfile ;;
    pause) _sshpermctl_add --for --reason ;;
    undo) _sshpermctl_add --last --yes ;;
    users) _sshpermctl_add --state ;;
    repair) _sshpermctl_add --create --dry-run --owner-from --recursive --root --sshd --take-ownership --trust-content ;;
    esac
}

_sshpermctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} command="" sub="" i
    COMPREPLY=()

    # "--color=al" comes as three words, with COMP_WORDBREAKS as it usually is.
    if [[ $cur == "=" ]]; then
        cur=""
    elif [[ $last == "=" ]] && ((COMP_CWORD >= 2)); then
        last=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    _sshpermctl_argument "$last" && return

    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
        --color | --config | --root | --socket | --trust-content | --textfile | --user | --state | --since | --for | --from | --key | --owner-from | --reason)
            [[ ${COMP_WORDS[i + 1]} == "=" ]] && ((++i))
            ((++i))
            ;;
        -*) ;;
        *)
            if [[ -z $command ]]; then
                command=${COMP_WORDS[i]}
            elif [[ -z $sub ]]; then
                sub=${COMP_WORDS[i]}
            fi
            ;;
        esac
    done

    if [[ $cur == -* ]]; then
        _sshpermctl_options "$command"
        return
    fi
    case $command in
    "") _sshpermctl_add check config forget add-key check-key events explain keys metrics pause ping reload repair resume status undo users version ;;
    config) [[ -n $sub ]] || _sshpermctl_add check show suggest ;;
    check | explain | forget | keys | repair) _sshpermctl_users ;;
    undo) [[ -n $sub ]] || _sshpermctl_users ;;
    add-key) if [[ -n $sub ]]; then _sshpermctl_files; else _sshpermctl_users; fi ;;
    check-key) [[ -n $sub ]] || _sshpermctl_files ;;
    esac
} && complete -F _sshpermctl sshpermctl
