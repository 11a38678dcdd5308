// Classifies lines of JDK 8 text cheaply: most are details of a G1 pause and are not parsed further.

/** What may begin anywhere in a line: a torn one has the end of another before it. */
export const marks =
  /\[GC concurrent-|\[CMS-concurrent-|\[Pause |\[Concurrent |\[GC(?! ref-proc| Worker)(?=[ ([\d-]|$)|\[Full GC|Total time for which app|Application time: /g;

const sniffed =
  /\[GC(?:[ ([\d-]|$)|\[Full GC(?:[ ([\d]|$)|\[CMS-concurrent-|\[(?:Pause|Concurrent) [A-Za-z][^[\],]*, (?:start|[\d.,]+ ms\])|^CommandLine flags: |^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GC log file |^\{Heap before GC|Total time for which app|^(?:OpenJDK|Java HotSpot\(TM\)) [\w -]{0,40}VM \([^()]{1,60}\) for \S{1,40} JRE \(/;

/** @returns whether a line can only be of this dialect */
export function looksLegacy(line: string): boolean {
  return sniffed.test(line);
}

const space = 32;
const open = 91;
const close = 93;

/** Every G1 pause of -XX:+PrintAdaptiveSizePolicy has half a dozen; a second bracket means a torn line. */
export function isErgonomics(line: string): boolean {
  if (line.charCodeAt(0) !== space || line.charCodeAt(line.length - 1) !== close) return false;
  const at = line.indexOf('[');
  return at !== -1 && line.startsWith('[G1Ergonomics ', at) && line.lastIndexOf('[') === at;
}

/** `   [Parallel Time: …`, `      [GC Worker Start (ms): …`: indented by three spaces a level. */
export function isDetail(line: string): boolean {
  if (line.charCodeAt(0) !== space || line.charCodeAt(1) !== space || line.charCodeAt(2) !== space) return false;
  let at = 3;
  while (line.charCodeAt(at) === space) at += 1;
  return line.charCodeAt(at) === open;
}

/** The sizes, or a second bracket where the line was torn. */
export function mayTellMore(line: string): boolean {
  return line.startsWith('   [Eden: ') || line.indexOf('[') !== line.lastIndexOf('[');
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}
