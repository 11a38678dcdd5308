// Registers declared metrics with prom-client, and splits its text into metric families, for a page in either format.

import type { Registry } from 'prom-client';
import type { MetricDefinition } from './collector.ts';
import type { Definitions, Lines } from './exposition/families.ts';

export type FamilySource = () => Promise<{ definitions: Definitions; lines: Lines }>;

/** @returns by name what prom-client needs to know of a metric. @param origin labels that each has beside its own */
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
    // A mean of nothing, such as of the event loop's lag between two pages at once, is unknown; and `Nan` is no OpenMetrics.
    const known = samples.split('\n').filter((line) => !line.endsWith(' Nan'));
    const written = known.join('\n').trimEnd();
    // Of a family without samples prom-client leaves an empty line, at which Prometheus gives up the whole page.
    if (written !== '') lines.set(name, [Buffer.from(`${written}\n`)]);
  }
  return { definitions, lines };
}
