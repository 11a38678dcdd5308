// Derives Kafka's release from the newest API versions it advertises, since brokers do not report it.

import { type ApiRanges, speaks } from './wire/links.ts';

/**
 * The first release that advertises a version of a request, newest first.
 *
 * Source: `validVersions` of clients/src/main/resources/common/message/*Request.json at the release tags of apache/kafka,
 * and `ApiKeys` of the kafka-clients artefact of each release from 2.4.1 to 4.3.1. Versions marked unstable are left out;
 * 3.4 added none that a client may use.
 */
const firstReleases: readonly { release: string; api: string; version: number }[] = [
  { release: '4.3+', api: 'DescribeLogDirs', version: 5 },
  { release: '4.2', api: 'ListOffsets', version: 11 },
  { release: '4.1', api: 'Produce', version: 13 },
  { release: '4.0', api: 'Metadata', version: 13 },
  { release: '3.9', api: 'FindCoordinator', version: 6 },
  { release: '3.8', api: 'ListGroups', version: 5 },
  { release: '3.7', api: 'OffsetFetch', version: 9 },
  { release: '3.6', api: 'AddPartitionsToTxn', version: 4 },
  { release: '3.5', api: 'Fetch', version: 15 },
  { release: '3.3-3.4', api: 'DescribeLogDirs', version: 4 },
  { release: '3.2', api: 'JoinGroup', version: 9 },
  { release: '3.1', api: 'Metadata', version: 12 },
  { release: '3.0', api: 'OffsetFetch', version: 8 },
  { release: '2.8', api: 'Produce', version: 9 },
  { release: '2.7', api: 'Fetch', version: 12 },
  { release: '2.6', api: 'ListGroups', version: 4 },
  { release: '2.5', api: 'OffsetFetch', version: 7 },
  { release: '2.4', api: 'Metadata', version: 9 },
];

/** @returns the release line, such as `3.9`; undefined if the ranges fit none; the newest line for newer brokers */
export function kafkaVersionOf(ranges: ApiRanges): string | undefined {
  return firstReleases.find(({ api, version }) => speaks(ranges, api, version))?.release;
}
