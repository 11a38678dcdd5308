// Generates the completion script for bash and zsh from the declarations of the commands.

import type { Command, Option } from '../command.ts';

/** @returns a script to be sourced; it starts no program when Tab is pressed */
export function bashCompletion(commands: readonly Command[], common: Readonly<Record<string, Option>>): string {
  const groups = new Map<string, Set<string>>([['', new Set()]]);
  for (const { name } of commands) {
    const parts = name.split(' ');
    parts.forEach((word, index) => {
      const group = parts.slice(0, index).join(' ');
      groups.set(group, (groups.get(group) ?? new Set()).add(word));
    });
  }
  const options = new Map(commands.map(({ name, options: own }) => [name, optionNames({ ...own, ...common })]));
  const cases = [...new Set([...groups.keys(), ...options.keys()])].map((path) => {
    const next = [...(groups.get(path) ?? [])].join(' ');
    return `    '${path}') next='${next}' options='${options.get(path) ?? optionNames(common)}' ;;`;
  });
  return `# Completion of plimsoll for bash, and for zsh after: autoload -U +X bashcompinit && bashcompinit
_plimsoll() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path= next options index
  for ((index = 1; index <= COMP_CWORD; index++)); do
    case "$path" in
${cases.map((line) => `  ${line}`).join('\n')}
    esac
    ((index == COMP_CWORD)) && break
    [[ " $next " == *" \${COMP_WORDS[index]} "* ]] || break
    path="\${path:+$path }\${COMP_WORDS[index]}"
  done
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif ((index == COMP_CWORD)) && [[ -n $next ]]; then
    COMPREPLY=($(compgen -W "$next" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _plimsoll plimsoll
`;
}

const optionNames = (options: Readonly<Record<string, Option>>) =>
  Object.keys(options)
    .map((name) => `--${name}`)
    .join(' ');
