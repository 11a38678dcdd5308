// Provides broker settings, workload and checks for a Kafka that is changed under load.

import { expect } from 'vitest';
import { latencies, type Span } from './changed-kafka.ts';
import type { DrivenRun } from './driven-run.ts';

/** A dead broker leaves the cluster after 6 s, and the in-sync replicas before. */
export const properties = {
  'min.insync.replicas': '2',
  'broker.session.timeout.ms': '6000',
  'broker.heartbeat.interval.ms': '1000',
  'replica.lag.time.max.ms': '5000',
};

export const workload = (duration: string) => ({
  messageSize: '10KB',
  partitions: 6,
  replicationFactor: 3,
  acks: 'all',
  idempotent: true,
  warmUp: '0s',
  outage: '60s',
  profile: { kind: 'constant', rate: 100, duration },
});

export const pollOptions = { timeout: 60_000, interval: 500 };

/** Waits for the end of the run, and checks its delivery, and that it was still sending at the end of each span. */
export async function nothingLost(run: DrivenRun, spans: Span[]): Promise<void> {
  const { ended, ledger, journal } = await run.result();
  process.stdout.write(`${JSON.stringify({ ledger: { ...ledger, groups: undefined }, groups: ledger.groups })}\n`);
  process.stdout.write(`${JSON.stringify(latencies(journal, spans))}\n`);
  expect(ended.exitCode, ended.stderr).toBe(0);
  const sentUntil = journal.findLast(({ kind }) => kind === 'step-ended')?.elapsedSeconds ?? 0;
  expect(spans.filter(({ to }) => to > sentUntil)).toEqual([]);
  const [group] = ledger.groups;
  expect(group).toMatchObject({ lost: 0, unread: 0, duplicated: 0, reordered: 0, corrupted: 0, rewritten: 0 });
  expect(group?.received).toBe(ledger.acknowledged + (group?.unknownFateButDelivered ?? Number.NaN));
  expect(ledger).toMatchObject({ isExact: true, agreement: { agrees: true, partitions: 6 } });
}

/** Number of partitions with a replica on a broker. */
export const holding = (replicas: readonly number[][], broker: number) =>
  replicas.filter((each) => each.includes(broker)).length;
