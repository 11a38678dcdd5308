// Which benches are there? One line each.

import type { Bench } from './bench.ts';
import { link } from './link.ts';
import { startup } from './startup.ts';

export const benches = {
  link,
  startup,
} satisfies Record<string, Bench>;
