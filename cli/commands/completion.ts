// Implements `plimsoll completion`: prints the script that shells source.

import { AppError } from '../../core/errors.ts';
import { defineCommand, type Command, type Option } from '../command.ts';
import { globalOptions } from '../help.ts';

const shells = ['bash', 'zsh'];

export const completionCommand = defineCommand({
  positionals: shells.join('|'),
  options: {},
  examples: [
    'source <(plimsoll completion bash)',
    'autoload -U +X bashcompinit && bashcompinit && source <(plimsoll completion zsh)',
  ],

  async run({ positionals, stdout, loadCommands }) {
    const [shell, ...others] = positionals;
    if (shell === undefined || !shells.includes(shell) || others.length > 0) {
      throw new AppError('usage', `completion supports ${shells.join(' and ')}`, {
        hint: 'such as: source <(plimsoll completion bash)',
      });
    }
    stdout.write(bashCompletion(await loadCommands(), globalOptions));
  },
});

/** @returns a script to be sourced; pressing Tab starts no program */
function bashCompletion(commands: readonly Command[], common: Readonly<Record<string, Option>>): string {
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
