# fish completion for sshpermctl. Held to --help by tests/docs/manuals_test.py.

function __sshpermctl_users
    getent passwd 2>/dev/null | while read -l -d : name _ uid rest
        string match -qr '^\d+$' -- $uid
        and test $uid -ge 1000 -a $uid -lt 65534
        and echo -- $name
    end
end

# __sshpermctl_command: the words so far that are no options, of config the two of it.
function __sshpermctl_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l found
    set -l skip 0
    for word in $words
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case --color --config --root --socket --trust-content --textfile --user --state --since --for --from --key --owner-from --reason
                set skip 1
            case '-*'
            case '*'
                set -a found $word
        end
    end
    string join -- ' ' $found
end

function __sshpermctl_is
    string match -qr -- "^(?:$argv[1])(?: |\$)" (__sshpermctl_command)
end

function __sshpermctl_needs
    set -l command (__sshpermctl_command)
    test "$argv[1]" = "$command"
end

complete -c sshpermctl -f
complete -c sshpermctl -l color -x -a 'auto always never' -d 'Colours in the report'
complete -c sshpermctl -l config -r -F -d 'Read this file and no other of the configuration'
complete -c sshpermctl -s h -l help -d 'Print help and exit'
complete -c sshpermctl -l json -d 'Print one JSON document'
complete -c sshpermctl -s q -l quiet -d 'Print errors only'
complete -c sshpermctl -l socket -r -F -d 'Ask the daemon there'
complete -c sshpermctl -s v -l verbose -d 'Also list what is as it should be'

complete -c sshpermctl -n '__sshpermctl_needs ""' -a add-key -d 'Let a key in, in the file that sshd reads'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a check -d 'Compare with the policy, change nothing'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a check-key -d 'Say what a key file is and who can use it'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a config -d 'The configuration'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a events -d 'What was done and found'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a explain -d 'Say whether sshd would let a user in'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a forget -d 'Remember nothing of what was seen'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a keys -d 'List the keys of accounts, and what sshd ignores'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a metrics -d 'Print the metrics for Prometheus'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a pause -d 'Repair nothing for a while'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a ping -d 'How long its loop takes to answer'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a reload -d 'Make the daemon read its configuration again'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a repair -d 'Make it so'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a resume -d 'End a pause'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a status -d 'How the running daemon is'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a undo -d 'Take a repair back, and keep it so'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a users -d 'How each account stands'
complete -c sshpermctl -n '__sshpermctl_needs ""' -a version -d 'Print the version'

complete -c sshpermctl -n '__sshpermctl_needs config' -a check -d 'Say whether it can be used'
complete -c sshpermctl -n '__sshpermctl_needs config' -a show -d 'Print it in full, defaults included'
complete -c sshpermctl -n '__sshpermctl_needs config' -a suggest -d 'Print overrides for homes that others use'

complete -c sshpermctl -n '__sshpermctl_is "check|explain|forget|keys|repair"' -a '(__sshpermctl_users)' -d User
complete -c sshpermctl -n '__sshpermctl_is repair' -l dry-run -d 'Only show what would be changed'
complete -c sshpermctl -n '__sshpermctl_is "add-key|check|explain|keys|repair"' -l root -r -F -d 'The root volume of another machine'
complete -c sshpermctl -n '__sshpermctl_is repair' -l create -d 'Make a home or .ssh that is missing'
complete -c sshpermctl -n '__sshpermctl_is repair' -l recursive -d 'Hand over everything below the home'
complete -c sshpermctl -n '__sshpermctl_is repair' -l owner-from -x -a '(__sshpermctl_users)' -d 'What is this one\'s is the user\'s'
complete -c sshpermctl -n '__sshpermctl_is repair' -l sshd -d 'What sshd itself needs to start, and no account'
complete -c sshpermctl -n '__sshpermctl_is repair' -l take-ownership -d 'Whoever owns it, it is the named users'
complete -c sshpermctl -n '__sshpermctl_is repair' -l trust-content -x -d 'The key file with this hash is good'

complete -c sshpermctl -n '__sshpermctl_is events' -s f -l follow -d 'And what is to come'
complete -c sshpermctl -n '__sshpermctl_is events' -l since -x -d 'From then on'
complete -c sshpermctl -n '__sshpermctl_is events' -l user -x -a '(__sshpermctl_users)' -d 'Only of this account'
complete -c sshpermctl -n '__sshpermctl_is explain' -l from -x -d 'From this address'
complete -c sshpermctl -n '__sshpermctl_is explain' -l key -r -F -d 'With this key'
complete -c sshpermctl -n '__sshpermctl_is metrics' -l textfile -r -F -d 'Write them to this file'
complete -c sshpermctl -n '__sshpermctl_is pause' -l for -x -d 'How long'
complete -c sshpermctl -n '__sshpermctl_is pause' -l reason -x -d 'Why, for all who look'
complete -c sshpermctl -n '__sshpermctl_needs undo' -a '(__sshpermctl_users)' -d User
complete -c sshpermctl -n '__sshpermctl_is undo' -l last -d 'The last one that can be undone'
complete -c sshpermctl -n '__sshpermctl_is undo' -l yes -d 'Also to a state in which others could write'
complete -c sshpermctl -n '__sshpermctl_is users' -l state -x -d 'Only those in this state'
complete -c sshpermctl -n '__sshpermctl_is check-key' -F
complete -c sshpermctl -n '__sshpermctl_needs add-key' -a '(__sshpermctl_users)' -d User
complete -c sshpermctl -n '__sshpermctl_is add-key; and not __sshpermctl_needs add-key' -F
complete -c sshpermctl -n '__sshpermctl_is add-key' -l dry-run -d 'Only say what would come of it'
complete -c sshpermctl -n '__sshpermctl_is add-key' -l from-imds -d 'The key that this EC2 instance was launched with'
