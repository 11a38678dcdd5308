// Encodes UPDATE_AND_CREATE_SUBSCRIPTIONGROUP (200), which creates or changes a group on a master.

import { command } from './frame.ts';

interface UpdateSubscriptionGroup {
  group: string;
  /** Whether members may use broadcast mode, where each receives every message. */
  broadcast: boolean;
  /** Number of retries after which a message becomes a dead letter. */
  maxRetries: number;
}

/*
 * Body      { groupName, consumeEnable, consumeFromMinEnable, consumeBroadcastEnable, retryQueueNums, retryMaxTimes,
 *             brokerId, whichBrokerWhenConsumeSlowly, notifyConsumerIdsChangedEnable, attributes }
 *             attributes   5.x: { "+name": value, "-name": "" }; others stay; a name without a sign is refused
 * Response  nothing
 */

export function encodeUpdateSubscriptionGroup({ group, broadcast, maxRetries }: UpdateSubscriptionGroup) {
  const body = {
    groupName: group,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeBroadcastEnable: broadcast,
    retryQueueNums: 1,
    retryMaxTimes: maxRetries,
    brokerId: 0,
    whichBrokerWhenConsumeSlowly: 1,
    notifyConsumerIdsChangedEnable: true,
  };
  return encodeGroupDefinition(JSON.stringify(body), undefined);
}

/**
 * @param definition a broker's definition of the group, in standard JSON
 * @param now the group as this broker has it, which keeps its attributes; undefined creates it
 */
export function encodeGroupDefinition(definition: string, now: string | undefined) {
  const { attributes, ...fields } = JSON.parse(definition) as { attributes?: Readonly<Record<string, string>> };
  const isNew = now === undefined;
  const added = Object.entries(attributes ?? {}).map(([key, value]) => [`+${key}`, value] as const);
  const body = { ...fields, ...(isNew && added.length > 0 && { attributes: Object.fromEntries(added) }) };
  return command(200, 'definition of a group', {}, Buffer.from(JSON.stringify(body)));
}
