// Lists the resource models and the symptoms, one line each.

import { fetchQuota, produceQuota } from './client-quota.ts';
import { cpu } from './cpu.ts';
import { diskIo } from './disk-io.ts';
import { gc } from './gc.ts';
import { heap } from './heap.ts';
import { memory } from './memory.ts';
import { measuredQueueModels } from './measured-queues.ts';
import type { ResourceModel, SymptomModel } from './model.ts';
import { networkOf } from './network.ts';
import { pageCache } from './page-cache.ts';
import { quota } from './quota.ts';
import { sendQueue } from './send-queue.ts';

export const models = {
  'network-in': networkOf('in'),
  'network-out': networkOf('out'),
  cpu,
  'disk-io': diskIo,
  memory,
  heap,
  ...measuredQueueModels,
  'send-queue': sendQueue,
  'produce-quota': produceQuota,
  'fetch-quota': fetchQuota,
} satisfies Record<string, ResourceModel>;

export const symptoms: readonly SymptomModel[] = [gc, pageCache, quota];
