// Compares the configured retention with the one that brokers enforce: the longer one decides how full their disks get.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { fingerprintOf } from '../../evidence/fingerprint.ts';
import { brokerOf } from '../../evidence/fingerprint-keys.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';

/** Settings with their unit in seconds; of those that are set, the first takes effect (Kafka: KafkaConfig.logRetentionTimeMillis). */
const settingsOf: ByKind<readonly [setting: string, seconds: number][]> = {
  kafka: [
    ['log.retention.ms', 1e-3],
    ['log.retention.minutes', 60],
    ['log.retention.hours', 3600],
  ],
  rocketmq: [['fileReservedTime', 3600]],
};

/** @returns nothing without a configured retention or recorded settings; of several brokers the longest retention counts */
export function retentionFindings({ document }: LoadTestRun, { retentionSeconds }: Policy): Finding[] {
  const { broker: kind } = document;
  if (retentionSeconds === undefined || kind === undefined) return [];
  const fingerprint = fingerprintOf(document);
  const valuesOf = new Map<string, Map<string, string>>();
  for (const [key, value] of Object.entries(fingerprint)) {
    const setting = /^broker\.settings\.([^@]+)/.exec(key)?.[1];
    if (setting === undefined) continue;
    const values = valuesOf.get(setting) ?? new Map<string, string>();
    valuesOf.set(setting, values.set(brokerOf(key) ?? '', value));
  }
  const effective = (broker: string) =>
    settingsOf[kind].flatMap(([setting, unit]) => {
      const values = valuesOf.get(setting);
      const value = Number(values?.get(broker) ?? values?.get(''));
      return Number.isNaN(value) || value === 0 ? [] : [{ setting, seconds: value < 0 ? Infinity : value * unit }];
    })[0];
  const [longest] = document.environment.brokers
    .flatMap(({ id }) => effective(id) ?? [])
    .toSorted((a, b) => b.seconds - a.seconds);
  if (longest === undefined || longest.seconds === retentionSeconds.value) return [];
  const { setting, seconds } = longest;
  const configuredSeconds = retentionSeconds.value;
  return [findingOf('retention-differs', { setting, configuredSeconds, ...(Number.isFinite(seconds) && { seconds }) })];
}
