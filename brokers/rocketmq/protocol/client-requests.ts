// Requests about connected clients: consumers and producers of a broker, and what a consumer reports.

import { defined } from '../../../core/defined.ts';
import { LooseObject, type LooseJson, isList } from './loose-json.ts';
import { answeredObject, type Response, typedRequest } from './frame.ts';
import type { TopicConsumption } from '../../../core/cluster.ts';
import { queueRows } from './queue-table.ts';

// Parses the rows of a broker's client connection lists.

type ClientConnection = ReturnType<typeof connectionsOf>[number];

/** `{"clientAddr":string,"clientId":string,"language":enum,"version":int}`; rows without an id are left out. */
function connectionsOf(rows: readonly LooseJson[] = []) {
  return rows.flatMap((row) => {
    const clientId = row instanceof LooseObject ? row.text('clientId') : undefined;
    if (!(row instanceof LooseObject) || clientId === undefined) return [];
    const version = row.number('version');
    return defined({
      clientId,
      address: (row.text('clientAddr') ?? row.text('remoteIP'))?.replace(/^\//, ''),
      language: row.text('language'),
      /** Version as mqadmin prints it, such as `V4_9_7`. */
      version: version === undefined ? undefined : clientVersionOf(version),
    });
  });
}

/**
 * The number is the position in upstream's enum MQVersion. From 4.0.0 on, each release has two positions, snapshot and
 * final, and each minor version has ten patches: V4_0_0_SNAPSHOT is 212, V4_9_7 is 407, V5_3_3 is 479.
 *
 * @returns the version as mqadmin prints it; `version N` before 4.0.0
 */
export function clientVersionOf(ordinal: number): string {
  if (!Number.isInteger(ordinal) || ordinal < 212) return `version ${ordinal}`;
  const release = (ordinal - 212) >> 1;
  const version = `V${4 + Math.floor(release / 100)}_${Math.floor(release / 10) % 10}_${release % 10}`;
  return ordinal % 2 === 0 ? `${version}_SNAPSHOT` : version;
}

// Encodes GET_CONSUMER_CONNECTION_LIST (203) and parses a group's clients and subscriptions.

/*
 * Request fields   consumerGroup  string
 * Response body    {"connectionSet":[{"clientAddr":string,"clientId":string,"language":enum,"version":int},…],
 *                   "subscriptionTable":{topic:{"topic":string,"subString":string,"expressionType":string,…},…},
 *                   "consumeType":"CONSUME_PASSIVELY"|"CONSUME_ACTIVELY"|"CONSUME_POP","messageModel":"CLUSTERING"|"BROADCASTING",…}
 * Response code    206  no client of the group is connected to this broker
 */

export type ConsumerConnections = ReturnType<typeof parseGetConsumerConnections>;

export const encodeGetConsumerConnections = (group: string) =>
  typedRequest(203, { consumerGroup: group }, parseGetConsumerConnections);

const consumeTypes = { CONSUME_PASSIVELY: 'push', CONSUME_ACTIVELY: 'pull', CONSUME_POP: 'pop' } as const;
const messageModels = { CLUSTERING: 'clustering', BROADCASTING: 'broadcasting' } as const;

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumerConnections(response: Response) {
  if (response.code === 206) return { kind: 'offline' as const };
  const body = answeredObject(response, 'clients of a group (203)');
  const subscriptions = body
    .members('subscriptionTable')
    .map(([topic, of]) => [topic, of.text('subString') ?? '*'] as const);
  return defined({
    kind: 'online' as const,
    clients: connectionsOf(body.list('connectionSet')),
    consumeType: labelOf(consumeTypes, body.text('consumeType')),
    messageModel: labelOf(messageModels, body.text('messageModel')),
    /** Subscription expression by topic; the broker keeps one per group, from the latest heartbeat. */
    subscriptions: Object.fromEntries(subscriptions),
  });
}

function labelOf<Labels extends Record<string, string>>(labels: Labels, name = ''): Labels[keyof Labels] | undefined {
  return Object.hasOwn(labels, name) ? labels[name as keyof Labels] : undefined;
}

// Encodes GET_ALL_PRODUCER_INFO (328, brokers from 4.9.4) and parses the connected producers.

export interface ProducerGroup {
  group: string;
  clients: ClientConnection[];
}

/*
 * Request fields   none
 * Response body    {"data":{group:[{"clientId":string,"language":enum,"lastUpdateTimestamp":int64,"remoteIP":"/ip:port",
 *                      "version":int},…],…}}
 */

export const encodeGetAllProducers = () => typedRequest(328, {}, parseGetAllProducers);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllProducers(response: Response): ProducerGroup[] {
  const data = answeredObject(response, 'producers (328)').object('data');
  return (data?.entries ?? []).flatMap(([group, clients]) =>
    typeof group === 'string' && isList(clients) ? [{ group, clients: connectionsOf(clients) }] : [],
  );
}

// Encodes GET_CONSUMER_RUNNING_INFO (307), which a broker forwards to a client, and parses the answer.

/*
 * Request fields   consumerGroup  string
 *                  clientId       string
 *                  jstackEnable   true or false
 * Response body    {"properties":{"PROP_CLIENT_VERSION":"V4_9_7","PROP_CONSUMEORDERLY":"false",…},"subscriptionSet":[{"topic":string,"subString":string,…},…],
 *                   "mqTable":{{"brokerName":string,"queueId":int,"topic":string}:{…},…},
 *                   "statusTable":{topic:{"consumeRT":double, milliseconds,"consumeOKTPS":double,"consumeFailedTPS":double,
 *                     "consumeFailedMsgs":int64,"pullRT":double,"pullTPS":double},…},"jstack":string}
 * Response code    1, 206, 207: the client left, or does not answer
 */

export interface ConsumerRunningInfo {
  /** Whether the client reads each queue in order; producers of such topics choose queues by key. */
  isOrderly?: boolean;
  consumption: readonly TopicConsumption[];
  /** Stack traces of all threads of the client, as text; absent unless requested. */
  stacks?: string;
  /** Subscription expression by topic, without the retry topic of the group. */
  subscriptions: Readonly<Record<string, string>>;
  /** Queues that the client reads now, including those of its retry topic. */
  queues: readonly { topic: string; brokerName: string; queueId: number }[];
}

/** @param stacks request stack traces of the client's threads, some 100 kB; writing them pauses the client */
export function encodeGetConsumerRunningInfo({
  group,
  clientId,
  stacks = false,
}: {
  group: string;
  clientId: string;
  stacks?: boolean;
}) {
  const fields = { consumerGroup: group, clientId, jstackEnable: String(stacks) };
  return typedRequest(307, fields, parseGetConsumerRunningInfo);
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumerRunningInfo(response: Response): ConsumerRunningInfo {
  const body = answeredObject(response, 'subscription of a client (307)');
  const orderly = body.object('properties')?.text('PROP_CONSUMEORDERLY');
  const subscriptions = body.rows('subscriptionSet').flatMap((subscription) => {
    const topic = subscription.text('topic');
    if (topic === undefined || topic.startsWith('%RETRY%')) return [];
    return [[topic, subscription.text('subString') ?? '*'] as const];
  });
  const rows = queueRows(body.object('mqTable'));
  return defined({
    isOrderly: orderly === undefined ? undefined : orderly === 'true',
    consumption: body.members('statusTable').map(consumptionOf),
    stacks: body.text('jstack'),
    subscriptions: Object.fromEntries(subscriptions),
    queues: Array.from(rows, ({ topic, brokerName, queueId }) => ({ topic, brokerName, queueId })),
  });
}

function consumptionOf([topic, status]: readonly [topic: string, status: LooseObject]): TopicConsumption {
  const milliseconds = status.number('consumeRT');
  const [ok, failed] = [status.number('consumeOKTPS'), status.number('consumeFailedTPS')];
  const failedLastHour = status.number('consumeFailedMsgs');
  return {
    topic,
    // A client that consumed nothing reports 0.
    ...(milliseconds !== undefined && (ok ?? 0) + (failed ?? 0) > 0 && { secondsPerBatch: milliseconds / 1000 }),
    ...defined({ okPerSecond: ok, failedPerSecond: failed }),
    // A client samples its hour every ten minutes, so it reports 0 in its first ten minutes.
    ...(failedLastHour !== undefined && failedLastHour > 0 && { failedLastHour }),
  };
}

// Encodes GET_CONSUMER_LIST_BY_GROUP (38) and parses the client ids of a group.

/*
 * Request fields   consumerGroup
 * Response body    { consumerIdList: [client id] }
 */

export const encodeGetConsumerListByGroup = ({ consumerGroup }: { consumerGroup: string }) =>
  typedRequest(38, { consumerGroup }, parseGetConsumerListByGroup);

/** @returns client ids; none for an offline group, which brokers report with a generic error. @throws AppError */
export function parseGetConsumerListByGroup(response: Response): string[] {
  if (response.code === 1 && /no consumer for this group/i.test(response.remark ?? '')) return [];
  return answeredObject(response, 'members of a group (38)').texts('consumerIdList');
}
