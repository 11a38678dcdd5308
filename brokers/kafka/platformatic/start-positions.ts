// Determines where a group member starts: at the committed offset, else at the start or end of the log.

import { listOffsetsV6 } from '../library.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { ConsumerOptions, Io } from '../../driver.ts';
import { refusalOf } from '../error-names.ts';
import { askForParts } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';
import { movedErrors, type Leaders } from './leaders.ts';

/** Pause before the next check of an election. */
export const electionPause = seconds(0.2);

/** Timestamps of ListOffsets for the ends of the log. */
const timestamps = { start: -2n, end: -1n } as const satisfies Record<NonNullable<ConsumerOptions['from']>, bigint>;

/** @returns the offset of each partition. @throws AppError for a permanent error of a leader */
export async function readLogEnds(
  connections: Connections,
  leaders: Leaders,
  { topic, from = 'end', readCommitted = false }: ConsumerOptions,
  partitions: readonly number[],
  io: Io,
): Promise<Map<number, bigint>> {
  const ends = new Map<number, bigint>();
  for (let missing = [...partitions]; missing.length > 0;) {
    const led = await byLeader(leaders, topic, missing, io);
    await Promise.all(Array.from(led, ([address, own]) => readEndsAt(address, own).catch(unlessUnreachable)));
    missing = partitions.filter((partition) => !ends.has(partition));
    if (missing.length === 0) break;
    leaders.forget(topic);
    await systemClock.sleep(electionPause, io);
  }
  return ends;

  async function readEndsAt(address: string, led: readonly number[]): Promise<void> {
    const connection = await connections.to(address, io);
    const timestamp = timestamps[from];
    const places = led.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp }));
    const attempt = { action: `read the ${from} of ${topic}`, address };
    const question = [{ name: topic, partitions: places }];
    const isolation = readCommitted ? 1 : 0;
    const answer = await askForParts(connection, attempt, io, listOffsetsV6.api, -1, isolation, question);
    for (const { partitionIndex, errorCode, offset } of answer.topics[0]?.partitions ?? []) {
      checkMoved(topic, partitionIndex, errorCode, address);
      if (errorCode === 0) ends.set(partitionIndex, offset);
    }
  }
}

export const isUnreachable = (cause: unknown): boolean =>
  cause instanceof AppError && cause.code === 'broker-unreachable';

/** Ignores an unreachable leader, because there may be another one at the next check. */
function unlessUnreachable(cause: unknown): void {
  if (!isUnreachable(cause)) throw cause;
}

/** Groups partitions by leader address, without partitions that have no leader. */
export async function byLeader(
  leaders: Leaders,
  topic: string,
  partitions: readonly number[],
  io: Io,
): Promise<ReadonlyMap<string, number[]>> {
  const addresses = await leaders.of(topic, io);
  return Map.groupBy(
    partitions.filter((partition) => addresses[partition] !== undefined),
    (partition) => addresses[partition] ?? '',
  );
}

/** @throws AppError for a refusal that new metadata does not resolve */
export function checkMoved(topic: string, partition: number, errorCode: number, address: string): void {
  const refusal = refusalOf(errorCode, 'Fetch');
  if (refusal === undefined || movedErrors.has(refusal)) return;
  throw new AppError('broker-refused', `cannot read ${topic}-${partition} on ${address}: ${refusal}`);
}
