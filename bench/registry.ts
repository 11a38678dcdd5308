// Which benches are there? One line each.

import type { Bench } from './bench.ts';
import { startup } from './startup.ts';

export const benches = {
  startup,
} satisfies Record<string, Bench>;
