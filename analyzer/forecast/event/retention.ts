// Computes the rate that disks can sustain with a shorter retention.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { largestFirst, noGain, type PrepareAction } from './prepared.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { rateText } from '../../../core/text/quantity-text.ts';

/** Reductions by a quarter and by half; no larger reduction is prepared. */
const [quarter, half] = [0.75, 0.5];
const mostTopics = 5;

/** Stored data is rate times retention: a share s of the retention allows 1/s of the rate, up to the safe maximum. */
export const prepareRetention: PrepareAction = (state) => {
  const { cluster, verdict, broker, topics, peak } = state;
  const { retention, safeMaxTps } = verdict;
  if (retention === undefined) return noGain('retention', 'no-retention-limit');
  const { tps, retentionSeconds } = retention;
  const isDiskLimited =
    'limitedBy' in safeMaxTps && 'resource' in safeMaxTps.limitedBy && safeMaxTps.limitedBy.resource === 'disk-space';
  const isAbove = peak !== undefined && peak.high > tps;
  const room = isDiskLimited ? Infinity : (safeTpsOf(safeMaxTps) ?? Infinity) - tps;
  if ((!isDiskLimited && !isAbove) || room <= 0) return noGain('retention', 'disk-space-suffices');
  const proposedSeconds = half * retentionSeconds;
  const commands = commandsOf[broker](quotedWord(cluster), proposedSeconds, verdict.fingerprint ?? {});
  const [least, leastZh] = [durationText(proposedSeconds), durationText(proposedSeconds, 'zh')];
  const isUnknown = commands.length === 0;
  return {
    kind: 'ready',
    lever: 'retention',
    gain: { low: Math.min(tps / quarter - tps, room), high: Math.min(tps / half - tps, room) },
    targets: largestFirst(topics).slice(0, mostTopics),
    commands,
    evidence: `the disks hold ${rateText(tps)} for ${durationText(retentionSeconds)}; the gain is for a retention shorter by a quarter to a half.${isUnknown ? ` No command is prepared, since the configured retention is unknown or already short: lower it only where it is above ${least}.` : ''} Older messages are deleted, read or not: check the lag of their groups first`,
    evidenceZh: `磁盘可将 ${rateText(tps, 'zh')}的消息保留 ${durationText(retentionSeconds, 'zh')}；收益按保留时间缩短四分之一到一半计算。${isUnknown ? `当前配置的保留时间未知或已经较短，因此不提供命令：仅在其长于 ${leastZh} 时才缩短。` : ''}更早的消息无论是否已消费都会被删除：请先检查消费组的堆积`,
  };
};

/** Empty if the configured retention may be shorter, since the command would then extend it. */
const commandsOf: ByKind<
  (cluster: string, retentionSeconds: number, fingerprint: Readonly<Record<string, string>>) => string[]
> = {
  // The retention.ms of a topic is not read, and may be shorter.
  kafka: () => [],
  rocketmq: (cluster, retentionSeconds, fingerprint) => {
    const hours = Math.max(1, Math.floor(retentionSeconds / 3600));
    const configuredHours = Number(fingerprint['broker.settings.fileReservedTime']);
    return configuredHours > hours
      ? [`plimsoll ops rocketmq alter-config --cluster ${cluster} --all-brokers --set fileReservedTime=${hours}`]
      : [];
  },
};
