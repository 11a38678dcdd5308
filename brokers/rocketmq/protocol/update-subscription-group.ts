// Encodes UPDATE_AND_CREATE_SUBSCRIPTIONGROUP (200), which creates or changes a group on a master.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

interface UpdateSubscriptionGroup {
  group: string;
  /** Whether its members may each get every message. */
  broadcast: boolean;
  /** After so many retries a message becomes a dead letter. */
  maxRetries: number;
}

/*
 * Body      { groupName, consumeEnable, consumeFromMinEnable, consumeBroadcastEnable, retryQueueNums, retryMaxTimes,
 *             brokerId, whichBrokerWhenConsumeSlowly, notifyConsumerIdsChangedEnable }
 * Response  nothing
 */

export function encodeUpdateSubscriptionGroup({ group, broadcast, maxRetries }: UpdateSubscriptionGroup): Request {
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
  return encodeGroupDefinition(JSON.stringify(body));
}

/** @param definition the broker's own, in standard JSON */
export const encodeGroupDefinition = (definition: string): Request => ({
  code: 200,
  fields: {},
  body: Buffer.from(definition),
});

/** @throws AppError */
export function parseUpdateSubscriptionGroup(response: Response): void {
  answered(response, 'definition of a group (200)');
}
