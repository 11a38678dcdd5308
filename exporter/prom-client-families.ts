// Registers declared metrics with prom-client, and splits its text into metric families, for a page in either format.

import type { Registry } from 'prom-client';
import type { MetricDefinition } from './collector.ts';
import type { Definitions, Lines } from './exposition/families.ts';

export type FamilySource = () => Promise<{ definitions: Definitions; lines: Lines }>;

/** @returns prom-client options by metric name. @param origin additional labels of every metric */
export const declaredIn =
  <Name extends string>(
    metrics: Readonly<Record<Name, Pick<MetricDefinition, 'help' | 'labels'>>>,
    registry: Registry,
    origin: readonly string[] = [],
  ) =>
  (name: Name) => ({
    name,
    help: metrics[name].help,
    labelNames: [...origin, ...metrics[name].labels],
    registers: [registry],
  });

export function familiesOf(registry: Registry): FamilySource {
  return async () => splitFamilies(await registry.metrics());
}

function splitFamilies(text: string): { definitions: Definitions; lines: Lines } {
  const definitions: Record<string, { type: string; help: string }> = {};
  const lines = new Map<string, Buffer[]>();
  for (const family of text.split(/^(?=# HELP )/m)) {
    const [, name, help = '', type = '', samples = ''] =
      /^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n(.*)$/s.exec(family) ?? [];
    if (name === undefined) continue;
    definitions[name] = { type, help };
    // The mean of no samples, such as the event loop lag between two concurrent pages, is unknown; `Nan` is not valid OpenMetrics.
    const known = samples.split('\n').filter((line) => !line.endsWith(' Nan'));
    const written = known.join('\n').trimEnd();
    // For a family without samples prom-client prints an empty line, which makes Prometheus reject the page.
    if (written !== '') lines.set(name, [Buffer.from(`${written}\n`)]);
  }
  return { definitions, lines };
}
