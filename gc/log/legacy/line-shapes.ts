// Classifies lines of JDK 8 text cheaply: most are details of a G1 pause that need no further parsing.

/** Texts that may begin anywhere in a line: an incomplete line may precede them on the same line. */
export const marks =
  /\[GC concurrent-|\[CMS-concurrent-|\[Pause |\[Concurrent |\[GC(?! ref-proc| Worker)(?=[ ([\d-]|$)|\[Full GC|Total time for which app|Application time: /g;

const sniffed =
  /\[GC(?:[ ([\d-]|$)|\[Full GC(?:[ ([\d]|$)|\[CMS-concurrent-|\[(?:Pause|Concurrent) [A-Za-z][^[\],]*, (?:start|[\d.,]+ ms\])|^CommandLine flags: |^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GC log file |^\{Heap before GC|Total time for which app|^(?:OpenJDK|Java HotSpot\(TM\)) [\w -]{0,40}VM \([^()]{1,60}\) for \S{1,40} JRE \(/;

/** @returns whether the line can only belong to this dialect */
export function looksLegacy(line: string): boolean {
  return sniffed.test(line);
}

const space = 32;
const open = 91;
const close = 93;

/** Detects -XX:+PrintAdaptiveSizePolicy, half a dozen lines per G1 pause; a second bracket means a broken line. */
export function isErgonomics(line: string): boolean {
  if (line.charCodeAt(0) !== space || line.charCodeAt(line.length - 1) !== close) return false;
  const at = line.indexOf('[');
  return at !== -1 && line.startsWith('[G1Ergonomics ', at) && line.lastIndexOf('[') === at;
}

/** Detects `   [Parallel Time: …`, `      [GC Worker Start (ms): …`: indented by three spaces per level. */
export function isDetail(line: string): boolean {
  if (line.charCodeAt(0) !== space || line.charCodeAt(1) !== space || line.charCodeAt(2) !== space) return false;
  let at = 3;
  while (line.charCodeAt(at) === space) at += 1;
  return line.charCodeAt(at) === open;
}

/** True for heap sizes, or for a second bracket in a broken line. */
export function mayTellMore(line: string): boolean {
  return line.startsWith('   [Eden: ') || line.indexOf('[') !== line.lastIndexOf('[');
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}
