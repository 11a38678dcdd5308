// Stops one instance over SSH.

import { oneInstanceCommand } from '../instances/one-instance-command.ts';

export const instancesStopCommand = oneInstanceCommand('stop');
