// Replaces changed settings of instances, one failure domain after another.

import { reconfigureInstances } from '../../app/instances/reconfigure-instances.ts';
import { rollingCommand } from '../instances/rolling-command.ts';

export const instancesReconfigureCommand = rollingCommand('reconfigure', reconfigureInstances);
