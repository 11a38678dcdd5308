// Which resources are judged? One line each.

import { cpu } from './cpu.ts';
import { diskIo } from './disk-io.ts';
import { memory } from './memory.ts';
import type { ResourceModel } from './model.ts';
import { networkIn, networkOut } from './network.ts';

export const models = {
  'network-in': networkIn,
  'network-out': networkOut,
  cpu,
  'disk-io': diskIo,
  memory,
} satisfies Record<string, ResourceModel>;
