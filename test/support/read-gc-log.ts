// Parses a GC log and returns all events in order.

import { createGcLogParser } from '../../gc/log/gc-log-parser.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';

export interface ReadLog {
  events: GcEvent[];
  unparsed: string[];
}

export function eventsOf(...chunks: readonly (string | Uint8Array)[]): ReadLog {
  const read: ReadLog = { events: [], unparsed: [] };
  const parser = createGcLogParser({
    event: (event) => read.events.push(event),
    unparsed: (line) => read.unparsed.push(line),
  });
  for (const chunk of chunks) parser.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  parser.end();
  return read;
}

export type EventOf<Kind extends GcEvent['kind']> = Extract<GcEvent, { kind: Kind }>;

export const ofKind = <Kind extends GcEvent['kind']>({ events }: ReadLog, kind: Kind): EventOf<Kind>[] =>
  events.filter((event): event is EventOf<Kind> => event.kind === kind);

/** Ends each line with a line feed. */
export const linesOf = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
