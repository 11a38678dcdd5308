// Compares the configured retention with the one that topics or brokers have: the longer one decides how full disks get.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { LoadTestRun, RunDescription } from '../../evidence/load-test-run.ts';

/** Settings with their unit in seconds; of those that are set, the first takes effect (Kafka: KafkaConfig.logRetentionTimeMillis). */
const settingsOf: ByKind<readonly [setting: string, seconds: number][]> = {
  kafka: [
    ['log.retention.ms', 1e-3],
    ['log.retention.minutes', 60],
    ['log.retention.hours', 3600],
  ],
  rocketmq: [['fileReservedTime', 3600]],
};

interface Retention {
  setting: string;
  topic?: string;
  /** Infinity without a limit. */
  seconds: number;
}

/** @returns nothing without a configured retention or recorded settings; of several topics or brokers the longest retention counts */
export function retentionFindings({ document }: LoadTestRun, { retentionSeconds }: Policy): Finding[] {
  if (retentionSeconds === undefined) return [];
  const configuredSeconds = retentionSeconds.value;
  const [longest] = [...(ofTopics(document, configuredSeconds) ?? ofBrokers(document))].toSorted(
    (a, b) => b.seconds - a.seconds,
  );
  if (longest === undefined || longest.seconds === configuredSeconds) return [];
  const { seconds, ...rest } = longest;
  return [findingOf('retention-differs', { ...rest, configuredSeconds, ...(Number.isFinite(seconds) && { seconds }) })];
}

/** The setting of a topic, or its default from the brokers. A size limit deletes messages earlier, so the time is an upper bound. */
const ofTopics = ({ settings }: RunDescription, configuredSeconds: number): Retention[] | undefined =>
  settings?.longestRetention?.map(({ topic, seconds = Infinity, hasSizeLimit }) => ({
    setting: 'retention.ms',
    topic,
    seconds: hasSizeLimit ? Math.min(seconds, configuredSeconds) : seconds,
  }));

function ofBrokers({ broker: kind, environment, settings }: RunDescription): Retention[] {
  if (kind === undefined || settings === undefined) return [];
  const effective = (id: string) =>
    settingsOf[kind].flatMap(([setting, unit]) => {
      const value = Number(settings.own[id]?.[setting] ?? settings.shared[setting]);
      return Number.isNaN(value) || value === 0 ? [] : [{ setting, seconds: value < 0 ? Infinity : value * unit }];
    })[0];
  return environment.brokers.flatMap(({ id }) => effective(id) ?? []);
}
