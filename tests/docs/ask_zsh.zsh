# Prints what zsh offers for the command lines on standard input: "LINE<TAB>WORD" for each word.
# A zsh of its own sits at the other end of a terminal, completes for real, and tells what it adds.
# usage: zsh -f ask_zsh.zsh DIRECTORY_OF_COMPLETIONS < LINES
zmodload zsh/zpty
zpty shell zsh -f -i

# Until what the shell prints has this in it; everything up to there is in `said`.
hear() {
  zpty -r -m shell said "*$1*" || { print -u2 "zsh said nothing more: $said"; exit 1 }
}

zpty -w shell "PS1= PS2= ; stty -echo; unsetopt zle_bracketed_paste; fpath=(${(q)1} \$fpath)"
zpty -w shell 'autoload -Uz compinit; compinit -u -D
zstyle ":completion:*" completer _complete
# compadd as it is, but what would be added is printed instead.
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a __hits
  builtin compadd -A __hits "$@"
  print -rl -- "<hit>"$^__hits"</hit>"
  return $(( $#__hits == 0 ))
}
tell() { print "<begin>"; _main_complete; print "<end>"; compstate[insert]= compstate[list]= }
zle -C tell list-choices tell
bindkey "^I" tell
PS1=; print "<re""ady>"'
hear '<ready>'
while IFS= read -r line; do
  zpty -w -n shell "$line"$'\t'
  hear '<end>'
  said=${said##*<begin>}
  for word in ${(f)said}; do
    [[ $word == *"<hit>"*"</hit>"* ]] || continue
    word=${word##*<hit>}
    print -r -- "$line"$'\t'"${word%%</hit>*}"
  done
  zpty -w -n shell $'\C-u'
done
zpty -d shell
