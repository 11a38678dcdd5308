// Parses JDK 8 GC log lines into events, and lists unrecognized lines.

import type { GcEvent, Pause } from '../../gc/log/gc-event.ts';
import { openLegacy } from '../../gc/log/legacy/legacy.ts';

export interface LegacyReading {
  events: GcEvent[];
  pauses: Pause[];
  unparsed: string[];
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** @param cuts line numbers before which the reader stops and continues with its state restored from a file */
export function readLegacy(lines: readonly string[], cuts: ReadonlySet<number> = new Set()): LegacyReading {
  const events: GcEvent[] = [];
  const unparsed: string[] = [];
  const emit = (event: GcEvent) => void events.push(structuredClone(event));
  let dialect = openLegacy(emit);
  for (const [number, line] of lines.entries()) {
    if (cuts.has(number)) dialect = openLegacy(emit, JSON.parse(JSON.stringify(dialect.state())));
    if (!dialect.read(line)) unparsed.push(line);
  }
  dialect.finish();
  return { events, pauses: events.filter((event) => event.kind === 'pause'), unparsed };
}
