// Names the setting to limit if neither time nor size limits what Kafka keeps on disk.

import { isRepartitionTopic, isSystemTopic } from '../../../brokers/kafka/system-topic.ts';

/** Value of a local limit that means the limit of the whole topic. */
const asTotal = '-2';
const noLimit = '-1';

type UnlimitedRetention = 'none' | 'retention.ms' | 'local.retention.ms';

/**
 * For a tiered topic the local limits keep the disk free; a shorter total retention deletes its remote messages.
 *
 * @param limitOf returns the value of a topic setting, or of the broker setting that is its default
 */
export function unlimitedRetention(
  limitOf: (setting: string) => string | undefined,
  isTiered: boolean,
): UnlimitedRetention {
  const isUnlimited = ['retention.ms', 'retention.bytes'].every((total) => {
    const local = isTiered ? (limitOf(`local.${total}`) ?? asTotal) : asTotal;
    return (local === asTotal ? (limitOf(total) ?? noLimit) : local) === noLimit;
  });
  if (!isUnlimited) return 'none';
  return isTiered ? 'local.retention.ms' : 'retention.ms';
}

/**
 * Returns none if a limit would delete needed data: state of Kafka and its companions, messages of Kafka Streams, which
 * deletes them after processing, and remote messages of Confluent Platform, whose hotset settings limit the disk.
 */
export function unlimitedRetentionOf(topic: string, values: ReadonlyMap<string, string>): UnlimitedRetention {
  const isOn = (setting: string) => values.get(setting) === 'true';
  if (isSystemTopic(topic) || isRepartitionTopic(topic) || isOn('confluent.tier.enable')) return 'none';
  return unlimitedRetention((setting) => values.get(setting), isOn('remote.storage.enable'));
}
