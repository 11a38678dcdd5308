// Requests about consumer groups of a broker: definitions, changes and removal.

import { answeredObject, type Response, typedRequest, command } from './frame.ts';
import { dataVersionOf, pageOf, type Page, type PageRows } from './read-pages.ts';
import type { LooseObject } from './loose-json.ts';

// Encodes GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201) and parses the consumer groups of a broker.

/*
 * Request fields   groupSeq     int32 as decimal text, index of the first group in the order of names
 *                  maxGroupNum  int32 as decimal text
 *                  dataVersion  as in the previous page: with another version the broker starts again from 0
 *                  all three after 5.3.3 with enableSplitMetadata; older brokers ignore them and send everything
 * Response fields  totalGroupNum  int32 as decimal text, after 5.3.3
 * Response body    {"dataVersion":{…},"subscriptionGroupTable":{group:{"groupName":string,"consumeEnable":boolean,…},…}}
 */

export const encodeGetAllSubscriptionGroup = ({ from, most, ...version }: Page) =>
  typedRequest(201, { groupSeq: String(from), maxGroupNum: String(most), ...version }, parseGetAllSubscriptionGroup);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllSubscriptionGroup(response: Response): PageRows<{ name: string; config: LooseObject }> {
  const body = answeredObject(response, 'subscription groups (201)');
  const rows = body.members('subscriptionGroupTable').map(([name, config]) => ({ name, config }));
  return pageOf(rows, dataVersionOf(body), response.fields['totalGroupNum']);
}

// Encodes UPDATE_AND_CREATE_SUBSCRIPTIONGROUP (200), which creates or changes a group on a master.

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

// Encodes DELETE_SUBSCRIPTIONGROUP (207), which deletes a consumer group on a master.

/*
 * Request fields   groupName
 *                  removeOffset  true or false: whether to delete its committed offsets (4.9)
 *                  cleanOffset   the same (5.x)
 * Response         nothing, also if there is no such group
 *
 * A broker ignores the field of the other version, and keeps the committed offsets without the field of its version.
 */

export const encodeDeleteSubscriptionGroup = ({ group }: { group: string }) =>
  command(207, 'removal of a group', { groupName: group, removeOffset: 'true', cleanOffset: 'true' });
