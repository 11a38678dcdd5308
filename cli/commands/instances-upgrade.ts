// Switches instances to another version, one failure domain after another.

import { upgradeInstances } from '../../app/instances/install-instances.ts';
import { rollingCommand } from '../instances/rolling-command.ts';

export const instancesUpgradeCommand = rollingCommand('upgrade', upgradeInstances);
