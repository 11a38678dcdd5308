// Which benches are there? One line each.

import type { Bench } from './bench.ts';
import { kafkaClients } from './kafka-clients.ts';
import { link } from './link.ts';
import { recordBatch } from './record-batch.ts';
import { scrape } from './scrape.ts';
import { startup } from './startup.ts';

export const benches = {
  'kafka-clients': kafkaClients,
  link,
  'record-batch': recordBatch,
  scrape,
  startup,
} satisfies Record<string, Bench>;
