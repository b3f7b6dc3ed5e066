"""Asks real shells what they complete."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Splits a line as readline does, with the usual COMP_WORDBREAKS, and calls the function.
ASK_BASH = r"""
source "$1/sshpermctl.bash"
[[ "$(complete -p sshpermctl)" == "complete -F _sshpermctl sshpermctl" ]] || exit 1
while IFS= read -r line; do
    spaced=${line//=/ = }
    read -ra COMP_WORDS <<< "$spaced"
    [[ $spaced == *" " && $spaced != *"= " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
    _sshpermctl sshpermctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    for word in "${COMPREPLY[@]}"; do printf '%s\t%s\n' "$line" "$word"; done
done
"""

ASK_FISH = r"""
source $argv[1]/sshpermctl.fish; or exit 1
while read -l -d \n line
    for word in (complete -C "$line")
        printf '%s\t%s\n' "$line" (string split -f 1 \t -- $word)
    end
end
"""

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-c", ASK_BASH, "bash"], ["bash", "-n"], "sshpermctl.bash"),
    "zsh": (["zsh", "-f", str(HERE / "ask_zsh.zsh")], ["zsh", "-n"], "_sshpermctl"),
    "fish": (["fish", "--no-config", "-c", ASK_FISH], ["fish", "-n"], "sshpermctl.fish"),
}


def there(shell):
    return shutil.which(shell) is not None


def syntax_error(shell, directory):
    _, check, file = SHELLS[shell]
    answer = subprocess.run([*check, str(directory / file)], capture_output=True, text=True)
    return answer.stderr if answer.returncode != 0 else ""


def ask(shell, directory, lines, environment=None):
    """By line: the set of words that the shell offers."""
    answer = subprocess.run([*SHELLS[shell][0], str(directory)], input="".join(f"{line}\n" for line in lines),
                            capture_output=True, text=True, timeout=120, env=environment)
    if answer.returncode != 0 or answer.stderr.strip():
        return {"": {f"{shell} ended with {answer.returncode}: {answer.stderr.strip()[:500]}"}}
    offers = {line: set() for line in lines}
    for offer in answer.stdout.splitlines():
        line, word = offer.split("\t", 1)
        offers[line].add(word)
    return offers
