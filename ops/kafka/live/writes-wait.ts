// Predicts how long writes wait during leader elections, and the effect on their p99.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { writeLatencyPolicy } from '../../../core/policy/write-latency.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { partitionKey } from './broker-load.ts';
import { finding } from '../../change/change-kind.ts';

/**
 * The end of a move raises the leader epoch of the partition. A follower that learns of it before the leader is refused
 * once, and retries after this setting, 1,000 ms by default; acks=all waits for it. docs/changes/reassignment.md shows the
 * effect on producers.
 */
export const fetchBackoff = 'replica.fetch.backoff.ms';

const leastDuration = 'least duration';

/** Shorter than any producer timeout. */
const unnoticedMs = 100;
/** A p99 does not show the wait of fewer writes. */
const visibleShare = 0.01;

export interface Delays {
  /** One entry per hand-over of a partition: the end of a move, or a leader change. */
  handOvers: readonly { topic: string; partition: number }[];
  /** Bytes per second from producers, by `topic-partition`. */
  written: ReadonlyMap<string, number>;
  /** Share of all writes that may wait; absent if hand-overs are not spaced. */
  share?: number;
}

/** Counts one per copied replica, or one if replicas are only removed; and one for another leader. */
export function handOversIn(
  plan: readonly KafkaPartition[],
  now: readonly KafkaPartition[],
): { topic: string; partition: number }[] {
  const before = new Map(now.map((each) => [partitionKey(each), each.replicas]));
  return plan.flatMap(({ topic, partition, replicas }) => {
    const held = before.get(partitionKey({ topic, partition })) ?? [];
    const copies = replicas.filter((broker) => !held.includes(broker)).length;
    // The controller raises the leader epoch once for all removed replicas, in one request (Kafka, PartitionChangeBuilder).
    const ends = Math.max(copies, Number(held.some((broker) => !replicas.includes(broker))));
    return Array.from({ length: ends + Number(held[0] !== replicas[0]) }, () => ({ topic, partition }));
  });
}

/** @param backoffs milliseconds by broker, without brokers that do not report it */
export function writesWait(backoffs: ReadonlyMap<number, number>, delays: Delays): Finding | undefined {
  const longest = Math.max(0, ...backoffs.values());
  if (longest <= unnoticedMs) return undefined;
  const brokers = [...backoffs].filter(([, milliseconds]) => milliseconds > unnoticedMs).map(([id]) => id);
  const least = leastSeconds(longest / 1000, delays);
  return finding('info', 'writes-wait', {
    en: `Writes with acks=all to a partition may wait for ${durationText(longest / 1000)} when its move ends or its leader changes (${fetchBackoff} of ${brokers.length === 1 ? 'broker' : 'brokers'} ${brokers.join(', ')}). ${predictionText(longest, delays, least).en} With ${unnoticedMs} ms or less, the wait is not noticeable: if it matters, set it and restart the brokers before the change.`,
    zh: `分区迁移结束或切换 Leader 时，对该分区 acks=all 的写入最多可能等待 ${durationText(longest / 1000, 'zh')}（取决于 Broker ${brokers.join('、')} 的 ${fetchBackoff}）。${predictionText(longest, delays, least).zh}该参数设为 ${unnoticedMs} ms 或更小时等待不明显；如不能接受等待，请先修改该参数并重启 Broker，再执行变更。`,
    evidence: [
      { name: fetchBackoff, value: longest, unit: 'ms', source: 'DescribeConfigs' },
      { name: 'leader changes and ends of moves', value: delays.handOvers.length, unit: '', source: 'the plan' },
      ...(least > 0 ? [{ name: leastDuration, value: Math.round(least), unit: 's', source: 'DescribeLogDirs' }] : []),
    ],
  });
}

/** @returns seconds over which hand-overs are spaced according to the finding of `writesWait`; 0 if they are not */
export function spacedSeconds(findings: readonly Finding[]): number {
  const wait = findings.find(({ code }) => code === 'writes-wait');
  return Number(wait?.evidence.find(({ name }) => name === leastDuration)?.value ?? 0);
}

/** Seconds needed so that at most the share of all writes waits; 0 if nothing is written or hand-overs are not spaced. */
function leastSeconds(wait: number, { handOvers, written, share }: Delays): number {
  const all = [...written.values()].reduce((sum, rate) => sum + rate, 0);
  if (all === 0 || share === undefined) return 0;
  const shares = handOvers.map((each) => (written.get(partitionKey(each)) ?? 0) / all);
  return shares.reduce((sum, each) => sum + each * wait, 0) / share;
}

function predictionText(longest: number, { handOvers, share }: Delays, least: number): InLanguages<string> {
  const wait = { en: durationText(longest / 1000), zh: durationText(longest / 1000, 'zh') };
  if (share === undefined) {
    return {
      en: `Leader changes and ends of moves (${handOvers.length}) are not spaced in time: expect a p99 of writes of up to ${wait.en} during the whole change.`,
      zh: `Leader 切换和迁移结束共 ${handOvers.length} 次，没有错开，因此整个变更期间写入的 p99 可能升至 ${wait.zh}。`,
    };
  }
  if (least === 0) {
    return {
      en: 'Nothing was written while the cluster was observed, so leader changes are not spaced.',
      zh: '观察期间没有写入，因此不错开 Leader 切换。',
    };
  }
  const p99 =
    share < visibleShare
      ? { en: 'the p99 of all writes is not expected to include them', zh: '预计不影响全部写入的 p99' }
      : { en: `expect a p99 of ${wait.en}`, zh: `预计 p99 为 ${wait.zh}` };
  return {
    en: `Leader changes and ends of moves (${handOvers.length}) are spaced over at least ${durationText(least)}, so that at most ${100 * share}% of all writes wait (--delayed-writes): ${p99.en}.`,
    zh: `Leader 切换和迁移结束共 ${handOvers.length} 次，至少分散在 ${durationText(least, 'zh')}内，使等待的写入不超过全部写入的 ${100 * share}%（--delayed-writes）：${p99.zh}。`,
  };
}

/** Default of `--delayed-writes`. */
export const defaultDelayedShare = writeLatencyPolicy.delayedShare.value;
/** Kafka's default, for brokers that do not report it. */
export const defaultBackoffMs = 1000;
