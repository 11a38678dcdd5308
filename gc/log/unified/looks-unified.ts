// Recognizes a line of unified JVM logging.

import { messageStart, momentOf, tagsOf } from './decorations.ts';

/** Matches first messages of such a JVM without decorations. */
const bareMessage =
  /^(?:GC\(\d+\) |Using (?:G1|Serial|Parallel|Concurrent Mark Sweep|Epsilon|Shenandoah|The Z Garbage Collector)\b|Safepoint "|Initializing The Z Garbage Collector|CardTable entry size: |Entering safepoint region: |Heap region size: |Regions: \d|Heuristics ergonomically |Min heap equals )/;

const gcTags = /^(?:gc|safepoint)(?:,|$)/;

export function looksUnified(line: string): boolean {
  const messageAt = messageStart(line);
  if (messageAt === 0) return bareMessage.test(line);
  if (gcTags.test(tagsOf(line, messageAt) ?? '')) return true;
  return bareMessage.test(line.slice(messageAt)) || isStamped(line, messageAt);
}

function isStamped(line: string, messageAt: number): boolean {
  const { epochMs, uptimeSeconds } = momentOf(line, messageAt);
  return epochMs !== undefined || uptimeSeconds !== undefined;
}
