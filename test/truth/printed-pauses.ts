// Lists the pauses that a GC log prints, line by line, independent of the parser.

/*
 * Unified          [decorations] GC(7) Pause Young (Normal) (G1 Evacuation Pause)
 *                  [decorations] GC(7) Pause Young (Normal) (G1 Evacuation Pause) 51M->9M(1024M) 6.674ms
 *                  [decorations] GC(4) Y: Pause Mark Start (Major) 0.013ms
 * JDK 8 text       …, 0.0058266 secs]            at the end of a line (G1), or before ` [Times:` (the others)
 *                  The brackets within a record close in the middle of a line; concurrent phases say so.
 */

const unified = /^(?:.*\] ?)?GC\((\d+)\) (?:[YyO]: )?Pause [^=]*?(?:(\d+[.,]\d+)ms)?\s*$/;
/** ZGC 11 prints parts of a pause at the debug level, with names like pauses and the thread of each. */
const part = /\((?:ZWorker#\d+|VM Thread)\)/;
const text = /(\S*)(?:,|\)|\]) +(\d+[.,]\d+(?:E-\d+)?) secs\](?= \[Times:|\s*$)/g;

export interface PrintedPause {
  seconds: number;
  /** Nested in another pause that started before, if the log has start times. */
  isInner: boolean;
}

/** @returns pauses in the order of the lines; an outer pause after its nested ones */
export function printedPauses(log: string): PrintedPause[] {
  const pauses: PrintedPause[] = [];
  const open = new Set<string>();
  for (const line of log.split('\n')) {
    const [isUnified, id = '', milliseconds] = unified.exec(line) ?? [];
    if (isUnified !== undefined) {
      if (part.test(line)) continue;
      if (milliseconds === undefined) {
        open.add(id);
        continue;
      }
      open.delete(id);
      pauses.push({ seconds: numberOf(milliseconds) / 1000, isInner: open.size > 0 });
      continue;
    }
    for (const [, before = '', figure = ''] of line.matchAll(text)) {
      if (!before.includes('concurrent')) pauses.push({ seconds: numberOf(figure), isInner: false });
    }
  }
  return pauses;
}

const numberOf = (figure: string) => Number(figure.replace(',', '.'));
