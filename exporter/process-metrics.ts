// Exports prom-client's default process metrics and the version.

import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { familiesOf, type FamilySource } from './prom-client-families.ts';

/** Redundant totals over types, as gauges that end in _total, which promtool rejects. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export function createProcessMetrics(): FamilySource {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  new Gauge({
    name: 'plimsoll_build_info',
    help: 'Version of this Plimsoll; the value is always 1.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  return familiesOf(registry);
}
