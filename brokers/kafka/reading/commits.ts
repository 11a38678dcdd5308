// How far has each group committed? OffsetFetch: 100 groups a request from Kafka 3.0, one a request before.

import { offsetFetchV6, offsetFetchV7, offsetFetchV8 } from '@platformatic/kafka';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { inChunks } from './chunks.ts';
import { createRefusals, type Reading } from './reading.ts';

export interface CommittedTopic {
  topic: string;
  partitions: readonly { partition: number; offset: bigint }[];
}

/** By group; a group that could not be read is not in it. */
export type Commits = ReadonlyMap<string, readonly CommittedTopic[]>;

interface FetchedGroup {
  groupId: string;
  errorCode: number;
  topics: readonly offsetFetchV8.OffsetFetchResponseTopic[];
}

export async function readCommits(link: Link, groups: readonly string[], io: Io): Promise<Reading<Commits>> {
  if (groups.length === 0) return { value: new Map(), refusals: [] };
  const fetch = newestSpoken(link, 'OffsetFetch', [
    [8, fetchMany],
    [7, fetchOneByOne(offsetFetchV7.api)],
    [6, fetchOneByOne(offsetFetchV6.api)],
  ]);
  const refusals = createRefusals();
  const commits = new Map<string, CommittedTopic[]>();
  for (const { groupId, errorCode, topics } of await fetch(link, groups, io)) {
    if (!refusals.isWell(`commits of group ${groupId}`, errorCode)) continue;
    commits.set(
      groupId,
      topics.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions
          .filter(
            ({ partitionIndex, errorCode, committedOffset }) =>
              refusals.isWell(`commit of group ${groupId} in ${name}-${partitionIndex}`, errorCode) &&
              // Never committed is told as -1.
              committedOffset >= 0n,
          )
          .map(({ partitionIndex, committedOffset }) => ({ partition: partitionIndex, offset: committedOffset })),
      })),
    );
  }
  return { value: commits, refusals: refusals.words };
}

async function fetchMany(link: Link, groups: readonly string[], io: Io): Promise<FetchedGroup[]> {
  const answers = await Promise.all(
    inChunks(groups).map((chunk) => {
      const request = chunk.map((groupId) => ({ groupId, memberEpoch: -1, topics: null }));
      return link.askForParts('read committed offsets', io, offsetFetchV8.api, request, false);
    }),
  );
  return answers.flatMap((answer) => answer.groups);
}

/** All under way at once, as fast as the broker's budget lets them. */
const fetchOneByOne =
  (api: typeof offsetFetchV7.api) =>
  (link: Link, groups: readonly string[], io: Io): Promise<FetchedGroup[]> =>
    Promise.all(
      groups.map(async (groupId) => ({
        ...(await link.askForParts('read committed offsets', io, api, [{ groupId, topics: null }], false)),
        groupId,
      })),
    );
