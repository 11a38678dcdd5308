// Lists the steps to reduce partitions, which requires a new topic that clients switch to.

import type { ReadingGroup } from './partition-findings.ts';

export interface CutOver {
  topic: string;
  to: number;
  newTopic: string;
  replicationFactor: number;
  /** Topic settings, which the new topic also gets. */
  settings: Readonly<Record<string, string>>;
  groups: readonly ReadingGroup[];
}

export function cutOverSteps({ topic, to, newTopic, replicationFactor, settings, groups }: CutOver): string[] {
  const configs = Object.entries(settings).map(([key, value]) => ` --config ${key}=${value}`);
  const readers = groups.map(({ group }) => group);
  const listed = readers.length === 0 ? 'there are none now' : readers.join(', ');
  return [
    `Create ${newTopic}: kafka-topics.sh --bootstrap-server BROKER:9092 --create --topic ${newTopic} --partitions ${to} --replication-factor ${replicationFactor}${configs.join('')}`,
    `Subscribe every group to both topics (${listed}), with auto.offset.reset=earliest for the new one. Wait until each is assigned to both: plimsoll get group NAME.`,
    `Where order by key matters, stop sending to ${topic} and wait until every group's lag there is 0. Otherwise go on.`,
    `Switch producers to ${newTopic}, one after another. When the end offsets of ${topic} no longer change (plimsoll top --by messages), no producer uses it any more.`,
    `Wait until the lag of every group in ${topic} is 0 (plimsoll get groups), then take ${topic} out of their subscriptions.`,
    `Keep ${topic} until its retention has ended, or as long as it may be read again; then delete it.`,
    `Rollback, at any time before the last step: change senders back to ${topic}, and let groups read both topics until the lag in ${newTopic} is 0.`,
  ];
}
