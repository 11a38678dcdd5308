// Recovers the complete line at the end of a line that another writer broke into.

const decorated = /(?:\[[^[\]]{0,80}\]){1,12} GC\(\d{1,10}\) [^[]{1,400}$/;

export function tornTail(line: string, messageAt: number): string | undefined {
  const from = Math.max(messageAt, line.length - 1500);
  const at = line.slice(from).search(decorated);
  return at === -1 || from + at === 0 ? undefined : line.slice(from + at);
}
