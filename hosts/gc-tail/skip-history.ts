// Reads the start of a log for its format and skips the rest, for a log that is followed from its end.

import type { GcLogTotals } from '../../core/documents/evidence/gc-log-reading.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import type { Io, OpenFile } from '../host-files.ts';
import type { Content } from './contents.ts';
import { Source } from './source.ts';
import { copyFacts, newJvm, newTotals } from './totals.ts';

/**
 * A JVM begins its log with its collector and heap size, in at most 4 KiB; in a rotated log the first pauses show the
 * collector.
 */
const beginningBytes = 64 * 1024;

/** @param totals receives facts about the JVM, and no events @returns the source, positioned at `end` */
export async function skipHistory(
  { content, file, end }: { content: Content; file: OpenFile; end: number },
  { totals, onEvent }: { totals: GcLogTotals; onEvent?: ((event: GcEvent) => void) | undefined },
  io: Io,
): Promise<Source> {
  const earlier = newTotals();
  const beginning = new Source(content.source, earlier);
  beginning.push(content, await file.read(0, Math.min(beginningBytes, end), io));
  beginning.end();
  copyFacts(totals, earlier);
  content.offset = end;
  const { state } = beginning.keep();
  return new Source(content.source, totals, { kept: { ...state, jvm: newJvm() }, onEvent });
}
