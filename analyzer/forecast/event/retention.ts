// Computes the rate that disks can take if messages are kept for a shorter time.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { largestFirst, noGain, type PrepareAction } from './prepared.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { rateText } from '../../../core/text/quantity-text.ts';

/** By a quarter is done without asking far; by half is the most that is prepared. */
const [quarter, half] = [0.75, 0.5];
const mostTopics = 5;

/** What disks keep is rate times time: a share s of the time lets 1/s of the rate in. */
export const prepareRetention: PrepareAction = ({ cluster, verdict, broker, topics }) => {
  const { retention } = verdict;
  if (retention === undefined) return noGain('retention', 'no-retention-limit');
  const { tps, retentionSeconds } = retention;
  const chosen = largestFirst(topics).slice(0, mostTopics);
  return {
    kind: 'ready',
    lever: 'retention',
    gain: { low: tps / quarter - tps, high: tps / half - tps },
    targets: chosen,
    commands: commands[broker](quotedWord(cluster), half * retentionSeconds, chosen),
    evidence: `the disks hold ${rateText(tps)} for ${durationText(retentionSeconds)}; the gain is for a retention shorter by a quarter to a half. Older messages are deleted, read or not: check the lag of their groups first`,
    evidenceZh: `磁盘可将 ${rateText(tps, 'zh')}的消息保留 ${durationText(retentionSeconds, 'zh')}；收益按保留时间缩短四分之一到一半计算。更早的消息无论是否已消费都会被删除：请先检查消费组的堆积`,
  };
};

const commands: ByKind<(cluster: string, retentionSeconds: number, topics: readonly { name: string }[]) => string[]> = {
  kafka: (cluster, retentionSeconds, topics) =>
    topics.map(
      ({ name }) =>
        `plimsoll ops kafka alter-topic --cluster ${cluster} --topic ${quotedWord(name)} --set retention.ms=${Math.round(retentionSeconds * 1000)}`,
    ),
  rocketmq: (cluster, retentionSeconds) => [
    `plimsoll ops rocketmq alter-config --cluster ${cluster} --all-brokers --set fileReservedTime=${Math.max(1, Math.floor(retentionSeconds / 3600))}`,
  ],
};
