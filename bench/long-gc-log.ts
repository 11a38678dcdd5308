// Generates a GC log of hundreds of megabytes by repeating a real one with shifted stamps and numbers.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

/*
 * Unified          [2026-11-20T14:07:46.123+0000][gc,start    ] GC(7) Pause Young …
 * bare -Xlog:gc    [1.234s][info][gc] GC(7) Pause Young …
 * JDK 8 text       2026-11-20T14:07:46.123+0000: 1.234: [GC pause …
 * All begin with a header, which is written once; dates or uptime may be missing.
 */

const date = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000/g;
const uptime = /(?<![\d.])(\d+\.\d{3})(?=: |s\])/g;
const collection = /GC\((\d+)\)/g;

/** @param log log of a machine with a UTC clock. @returns bytes written, at least `leastBytes` */
export async function writeLongGcLog(log: string, path: string, leastBytes: number): Promise<number> {
  const body = log.slice(bodyStart(log));
  const dates = [...log.matchAll(date)].map(([stamp]) => Date.parse(stamp) / 1000);
  const seconds = dates.length > 0 ? dates : [...log.matchAll(uptime)].map(([stamp]) => Number(stamp));
  const span = Math.ceil(Math.max(...seconds) - Math.min(...seconds)) + 1;
  const collections = Math.max(0, ...[...log.matchAll(collection)].map(([, id]) => Number(id) + 1));
  const file = createWriteStream(path);
  let bytes = 0;
  for (let copy = 0; bytes < leastBytes; copy++) {
    const text = copy === 0 ? log : moved(body, copy * span, copy * collections);
    bytes += text.length;
    if (!file.write(text, 'latin1')) await once(file, 'drain');
  }
  file.end();
  await finished(file);
  return bytes;
}

/** Returns the start of the first collection's line. */
function bodyStart(log: string): number {
  const first = log.search(/GC\(0\)|\[GC |\[Full GC /);
  return log.lastIndexOf('\n', first) + 1;
}

/** @returns the body, shifted by this many seconds and collections */
export function moved(body: string, seconds: number, collections: number): string {
  return body
    .replace(date, (stamp) => new Date(Date.parse(stamp) + seconds * 1000).toISOString().replace('Z', '+0000'))
    .replace(uptime, (stamp) => (Number(stamp) + seconds).toFixed(3))
    .replace(collection, (_, id: string) => `GC(${Number(id) + collections})`);
}
