// Reads the version range of each API that a broker supports, with ApiVersions.

import { apiVersionsV0, protocolAPIsById, type Connection } from '../library.ts';
import type { Io } from '../../driver.ts';
import { ask } from './ask.ts';

export interface ApiRange {
  min: number;
  max: number;
}

/** Ranges by Kafka's name of the API, such as `Produce`. */
export type ApiRanges = ReadonlyMap<string, ApiRange>;

/** Sends ApiVersions version 0, which every broker since 0.10 answers. */
export async function readApiRanges(connection: Connection, address: string, io: Io): Promise<ApiRanges> {
  const response = await ask(connection, { action: 'read the API versions', address }, io, apiVersionsV0.api, '', '');
  return new Map(
    response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
      protocolAPIsById[apiKey] ?? String(apiKey),
      { min: minVersion, max: maxVersion },
    ]),
  );
}

const known = new WeakMap<Connection, Promise<ApiRanges>>();

/** Ranges are kept per connection: after a rolling upgrade the broker behind an address supports other versions. */
export const knownApiRanges = (connection: Connection): Promise<ApiRanges> | undefined => known.get(connection);

/** Shared by all callers of a connection: its timeout limits the request, not the signal of one caller. */
export function apiRangesOf(connection: Connection, address: string): Promise<ApiRanges> {
  const pending = known.get(connection) ?? readApiRanges(connection, address, { signal: new AbortController().signal });
  known.set(connection, pending);
  pending.catch(() => known.delete(connection));
  return pending;
}

export const speaks = (ranges: ApiRanges, api: string, version: number): boolean => {
  const range = ranges.get(api);
  return range !== undefined && range.min <= version && version <= range.max;
};
