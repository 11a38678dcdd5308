// Which pauses does a GC log print, read line by line with nothing of the parser? The truth its figures are held against.

/*
 * Unified          [decorations] GC(7) Pause Young (Normal) (G1 Evacuation Pause) 51M->9M(1024M) 6.674ms
 *                  [decorations] GC(4) Y: Pause Mark Start (Major) 0.013ms
 * JDK 8 text       …, 0.0058266 secs]            at the end of a line (G1), or before ` [Times:` (the others)
 *                  The brackets within a record close in the middle of a line; concurrent phases say so.
 */

const unified = /^(?:.*\] ?)?GC\(\d+\) (?:[YyO]: )?Pause [^=]*?(\d+[.,]\d+)ms\s*$/;
const text = /(\S*)(?:,|\)|\]) +(\d+[.,]\d+(?:E-\d+)?) secs\](?= \[Times:|\s*$)/g;

/** @returns seconds as printed, in the order of the lines; an outer pause after those within it */
export function printedPauses(log: string): number[] {
  const seconds: number[] = [];
  for (const line of log.split('\n')) {
    const [, milliseconds] = unified.exec(line) ?? [];
    if (milliseconds !== undefined) {
      seconds.push(numberOf(milliseconds) / 1000);
      continue;
    }
    for (const [, before = '', figure = ''] of line.matchAll(text)) {
      if (!before.includes('concurrent')) seconds.push(numberOf(figure));
    }
  }
  return seconds;
}

const numberOf = (figure: string) => Number(figure.replace(',', '.'));
