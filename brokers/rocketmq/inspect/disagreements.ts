// Finds configuration drift between brokers, and between the definitions of a topic.

import { shownValue } from '../../../core/secret-settings.ts';
import type { Disagreement, RocketmqBroker } from '../details.ts';
import type { TopicDefinition } from '../protocol/topic-requests.ts';

/** Settings that differ between brokers by design, and settings that a slave lowers itself. */
const own =
  /^(brokerName|brokerId|brokerIP\d|brokerRole|listenPort|haListenPort|fastListenPort|haMasterAddress|dLegerSelfId|rocketmqHome|brokerConfigPath|startAcceptSendRequestTimeStamp|regionId|zoneName|metricsPromExporter(Host|Port)|bindAddress|accessMessageInMemoryMaxRatio|storePath.*)$/;

/** Settings that only members of the same broker name share: name and peers of a DLedger group. */
const ofGroup = /^(dLegerGroup|dLegerPeers|preferredLeaderId)$/;

/**
 * Returns settings that differ between brokers of a cluster, by broker id, with secrets hidden. Brokers without a known
 * config are ignored.
 */
export function configDrift(brokers: readonly Pick<RocketmqBroker, 'id' | 'brokerName' | 'config'>[]): Disagreement[] {
  const known = brokers.filter(({ config }) => config !== undefined);
  const keys = new Set(known.flatMap(({ config }) => [...(config?.keys() ?? [])]));
  return [...keys]
    .filter((key) => !own.test(key))
    .sort()
    .flatMap((key) => {
      const siblings = ofGroup.test(key) ? Map.groupBy(known, ({ brokerName }) => brokerName).values() : [known];
      return [...siblings].flatMap((compared) => differing('broker-config', key, sidesOf(compared, key)));
    })
    .map(({ subject, sides, ...rest }) => ({
      ...rest,
      subject,
      sides: Object.fromEntries(Object.entries(sides).map(([id, value]) => [id, shownValue(subject, value)])),
    }));
}

/** Skips brokers without the key: a key that a release does not know is not a difference of settings. */
const sidesOf = (brokers: readonly Pick<RocketmqBroker, 'id' | 'config'>[], key: string) =>
  brokers.flatMap(({ id, config }) => {
    const value = config?.get(key);
    return value === undefined ? [] : [[id, value] as const];
  });

/** Returns topics whose queues, permission or attributes differ between broker names of a cluster. */
export function topicDrift(
  configs: readonly { broker: { brokerName: string }; topics: readonly TopicDefinition[] }[],
): Disagreement[] {
  const definitions = configs.flatMap(({ broker, topics }) => topics.map((topic) => ({ broker, topic })));
  return [...Map.groupBy(definitions, ({ topic }) => topic.name)].flatMap(([name, own]) => {
    const sides = own.map(({ broker, topic }) => [broker.brokerName, settingsText(topic)] as const);
    return differing('topic-config', name, sides);
  });
}

export function differing(
  of: Disagreement['of'],
  subject: string,
  sides: readonly (readonly [side: string, value: string])[],
): Disagreement[] {
  if (new Set(sides.map(([, value]) => value)).size < 2) return [];
  return [{ of, subject, sides: Object.fromEntries(sides) }];
}

function settingsText({ readQueues, writeQueues, permission, order, attributes }: TopicDefinition): string {
  const more = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
  return [
    `read ${readQueues}, write ${writeQueues}, permission ${permission}`,
    ...(order ? ['ordered'] : []),
    ...more.sort(),
  ].join(', ');
}
