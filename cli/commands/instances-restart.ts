// Restarts one instance over SSH.

import { oneInstanceCommand } from '../instances/one-instance-command.ts';

export const instancesRestartCommand = oneInstanceCommand('restart');
