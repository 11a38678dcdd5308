// Which resources are judged, and which symptoms are told? One line each.

import { cpu } from './cpu.ts';
import { diskIo } from './disk-io.ts';
import { gc } from './gc.ts';
import { heap } from './heap.ts';
import { memory } from './memory.ts';
import type { ResourceModel, SymptomModel } from './model.ts';
import { networkIn, networkOut } from './network.ts';
import { pageCache } from './page-cache.ts';
import { quota } from './quota.ts';
import { sendQueue } from './send-queue.ts';
import { threads } from './threads.ts';

export const models = {
  'network-in': networkIn,
  'network-out': networkOut,
  cpu,
  'disk-io': diskIo,
  memory,
  threads,
  heap,
} satisfies Record<string, ResourceModel>;

export const symptoms = {
  gc,
  'page-cache': pageCache,
  'send-queue': sendQueue,
  quota,
} satisfies Record<string, SymptomModel>;
