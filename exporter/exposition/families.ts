// How do the samples of many clusters and hosts become one page? Every family once, with all its samples below.

import { setImmediate } from 'node:timers/promises';
import type { Measurement, MetricDefinition } from '../collector.ts';
import { renderHead, renderLabels, renderSample } from './text-format.ts';

export type Definitions = Readonly<Record<string, MetricDefinition>>;

/** Where samples come from: the labels every one of them carries, such as cluster="lab". */
export interface Origin {
  names: readonly string[];
  values: readonly string[];
}

/** Lines by family, rendered and not yet on the page. */
export type Lines = Map<string, string[]>;

export interface Families {
  /** A family stands where it was first added. */
  add(definitions: Definitions, lines: Lines): void;
  chunks(): Iterable<string>;
}

export function createFamilies(): Families {
  const families = new Map<string, { head: string; lines: string[] }>();
  return {
    add(definitions, lines) {
      for (const [name, rendered] of lines) {
        const definition = definitions[name];
        const family = families.get(name);
        if (family !== undefined) for (const line of rendered) family.lines.push(line);
        else if (definition !== undefined)
          families.set(name, { head: renderHead(name, definition), lines: [...rendered] });
      }
    },
    *chunks() {
      for (const { head, lines } of families.values()) yield head + lines.join('');
    },
  };
}

/** Other work of the process waits for no more than this many lines, a few milliseconds. */
const linesAtOnce = 2000;

export async function renderLines(
  definitions: Definitions,
  origin: Origin,
  measurements: Iterable<Measurement>,
): Promise<Lines> {
  const shared = renderLabels(origin.names, origin.values);
  const families: Lines = new Map();
  let rendered = 0;
  for (const { metric, labels, value } of measurements) {
    const definition = definitions[metric];
    if (definition === undefined) throw new Error(`metric ${metric} is not declared by its collector`);
    const own = renderLabels(definition.labels, labels);
    const lines = families.get(metric) ?? [];
    if (lines.length === 0) families.set(metric, lines);
    lines.push(renderSample(metric, shared === '' || own === '' ? shared + own : `${shared},${own}`, value));
    if (++rendered % linesAtOnce === 0) await setImmediate();
  }
  return families;
}
