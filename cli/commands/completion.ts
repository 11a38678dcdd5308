// Implements `plimsoll completion`: prints the script that shells source.

import { AppError, exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { bashCompletion } from '../completion/bash-completion.ts';
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
    return exitCodes.answered;
  },
});
