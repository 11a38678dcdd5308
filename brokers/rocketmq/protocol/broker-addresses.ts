// Parses the addresses of a broker group by broker id; 0 is the master.

import { wholeNumberOf, type LooseObject } from './loose-json.ts';

/** Parses `{0:"10.0.0.1:10911"}` or, in standard JSON, `{"0":"10.0.0.1:10911"}`; skips other entries. */
export function brokerAddresses(table: LooseObject | undefined): ReadonlyMap<number, string> {
  const addresses = new Map<number, string>();
  for (const [key, address] of table?.entries ?? []) {
    const id = wholeNumberOf(key);
    if (id !== undefined && typeof address === 'string') addresses.set(id, address);
  }
  return addresses;
}
