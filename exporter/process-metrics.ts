// How is this process doing? prom-client's default metrics under the names every Prometheus client uses, and the version.

import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Definitions, Lines } from './exposition/families.ts';

/** In our own words, so that they stand on a page of either format. */
export type ProcessMetrics = () => Promise<{ definitions: Definitions; lines: Lines }>;

/** Totals over what other series give by type; gauges that end in _total, which promtool refuses. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  new Gauge({
    name: 'plimsoll_build_info',
    help: 'Which Plimsoll this is; the value is always 1.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  return async () => splitFamilies(await registry.metrics());
}

/** The heads differ between the formats, the samples do not. */
function splitFamilies(text: string): { definitions: Definitions; lines: Lines } {
  const definitions: Record<string, { type: string; help: string }> = {};
  const lines = new Map<string, Buffer[]>();
  for (const family of text.split(/^(?=# HELP )/m)) {
    const [, name, help = '', type = '', samples = ''] =
      /^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n(.*)$/s.exec(family) ?? [];
    if (name === undefined) continue;
    definitions[name] = { type, help };
    lines.set(name, [Buffer.from(samples.replace(/\n+$/, '\n'))]);
  }
  return { definitions, lines };
}
