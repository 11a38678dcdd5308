// Reads the version of a broker's table as text, to detect changes.

import type { LooseObject } from './loose-json.ts';

/** @returns the version as text, to compare and to send back; undefined if the broker sent none */
export function dataVersionOf(body: LooseObject): string | undefined {
  const version = body.object('dataVersion');
  if (version === undefined) return undefined;
  const fields = ['stateVersion', 'timestamp', 'counter'].flatMap((name) => {
    const value = version.bigint(name);
    return value === undefined ? [] : [`"${name}":${value}`];
  });
  return `{${fields.join(',')}}`;
}
