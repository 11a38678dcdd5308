// Declares the options of the commands that list instances.

import { configFileOption } from '../config-option.ts';
import { flag, text } from '../option.ts';

export const inventoryOptions = {
  config: configFileOption,
  cluster: text('NAME', 'only instances of this cluster (default: all)'),
  json: flag('print one JSON document'),
};
