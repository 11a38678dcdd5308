// Requests to name servers: brokers, routes, topics and key-value settings.

import { answeredObject, type Response, typedRequest, answered, command } from './frame.ts';
import { type LooseObject, wholeNumberOf } from './loose-json.ts';
import { queueCount } from './topic-requests.ts';

// Encodes GET_BROKER_CLUSTER_INFO (106) and parses the brokers registered at a name server.

/** A broker group as one name server lists it. */
export interface ListedBroker {
  brokerName: string;
  cluster: string;
  /** Addresses by broker id; without id 0 while there is no master. */
  addresses: ReadonlyMap<number, string>;
}

/*
 * Response body    {"brokerAddrTable":{name:{"brokerAddrs":{id:"host:port"},"brokerName":string,"cluster":string,
 *                                     "enableActingMaster":boolean?}},
 *                   "clusterAddrTable":{cluster:[name]}}
 *                  broker ids are bare numbers in every version
 */

export const encodeGetClusterInfo = () => typedRequest(106, {}, parseGetClusterInfo);

/** @returns brokers in the order of the name server. @throws AppError broker-refused, answer-unreadable */
export function parseGetClusterInfo(response: Response): readonly ListedBroker[] {
  const info = answeredObject(response, 'the cluster information');
  const clusters = clustersByBroker(info.object('clusterAddrTable'));
  return info.members('brokerAddrTable').map(([brokerName, group]) => ({
    brokerName,
    cluster: group.text('cluster') ?? clusters.get(brokerName) ?? '',
    addresses: brokerAddresses(group.object('brokerAddrs')),
  }));
}

function clustersByBroker(table: LooseObject | undefined): ReadonlyMap<string, string> {
  const clusters = new Map<string, string>();
  for (const [cluster, names] of table?.entries ?? []) {
    if (typeof cluster !== 'string' || !Array.isArray(names)) continue;
    for (const name of names) if (typeof name === 'string') clusters.set(name, cluster);
  }
  return clusters;
}

// Encodes GET_ROUTEINFO_BY_TOPIC (105) and parses the brokers and queue counts of a topic.

/*
 * Request fields   topic                   string
 *                  acceptStandardJsonOnly  "true": broker ids are quoted, from 4.9.4 on
 * Response body    {"queueDatas":[{"brokerName":string,"readQueueNums":int,"writeQueueNums":int,"perm":int,…}],
 *                   "brokerDatas":[{"cluster":string,"brokerName":string,"brokerAddrs":{id:"host:port"},…}],
 *                   "topicQueueMappingByBroker":{brokerName:{…},…} (5.x, of a static topic),…}
 *                  perm: 4 read, 2 write
 */

export interface Route {
  queues: readonly { brokerName: string; readQueues: number; writeQueues: number; permission: Permission }[];
  /** Without id 0 while a slave acts as the master (5.x). */
  brokers: readonly ListedBroker[];
  /** Whether it is a static topic (5.x). */
  isStatic?: true;
}

type Permission = 'r' | 'w' | 'rw' | 'none';

export const encodeGetRoute = ({ topic }: { topic: string }) =>
  typedRequest(105, { topic, acceptStandardJsonOnly: 'true' }, parseGetRoute);

const topicNotExist = 17;

/** @returns undefined when the name server does not know the topic. @throws AppError broker-refused, answer-unreadable */
export function parseGetRoute(response: Response): Route | undefined {
  if (response.code === topicNotExist) return undefined;
  const route = answeredObject(response, 'the route');
  return {
    queues: route.rows('queueDatas').flatMap((queue) => {
      const brokerName = queue.text('brokerName');
      if (brokerName === undefined) return [];
      return {
        brokerName,
        readQueues: queueCount(queue, 'readQueueNums'),
        writeQueues: queueCount(queue, 'writeQueueNums'),
        permission: permissionOf(queue.number('perm') ?? 0),
      };
    }),
    brokers: route.rows('brokerDatas').flatMap((broker) => {
      const brokerName = broker.text('brokerName');
      if (brokerName === undefined) return [];
      const addresses = brokerAddresses(broker.object('brokerAddrs'));
      return { cluster: broker.text('cluster') ?? '', brokerName, addresses };
    }),
    ...((route.object('topicQueueMappingByBroker')?.entries ?? []).length > 0 && { isStatic: true }),
  };
}

/** 4 readable, 2 writable. */
export function permissionOf(bits: number): Permission {
  const [canRead, canWrite] = [(bits & 4) !== 0, (bits & 2) !== 0];
  if (canRead && canWrite) return 'rw';
  return canRead ? 'r' : canWrite ? 'w' : 'none';
}

/** @param config of a broker, whose default permission is 6 */
export const acceptsMessages = (config: ReadonlyMap<string, string>): boolean =>
  permissionOf(Number(config.get('brokerPermission') ?? 6)).includes('w');

// Encodes GET_ALL_TOPIC_LIST_FROM_NAMESERVER (206) and parses the topics of a name server.

/*
 * Request fields  none
 * Response body   {"topicList":[string,…],…}
 */

export const encodeGetAllTopicsOfNameServer = () => typedRequest(206, {}, parseGetAllTopicsOfNameServer);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllTopicsOfNameServer(response: Response): string[] {
  return answeredObject(response, 'topics of a name server (206)').texts('topicList');
}

// Encodes PUT_KV_CONFIG (100), GET_KV_CONFIG (101) and DELETE_KV_CONFIG (102): keys in a name server's configuration.

interface Key {
  namespace: string;
  key: string;
}

/*
 * Request fields   namespace
 *                  key
 *                  value      PUT only
 * Response fields  value      GET only; a name server answers PUT after it has written kvConfig.json
 * Response code    22, QUERY_NOT_FOUND: there is no such key (GET only)
 */

const notFound = 22;

export const encodePutKvConfig = ({ namespace, key, value }: Key & { value: string }) =>
  command(100, 'a key of the name server', { namespace, key, value });

export const encodeGetKvConfig = ({ namespace, key }: Key) => typedRequest(101, { namespace, key }, parseGetKvConfig);

/** @returns undefined when the key is not set. @throws AppError broker-refused, credentials-refused */
export function parseGetKvConfig(response: Response): string | undefined {
  if (response.code === notFound) return undefined;
  return answered(response, 'a key of the name server (101)').fields['value'];
}

export const encodeDeleteKvConfig = ({ namespace, key }: Key) =>
  command(102, 'removal of a key of the name server', { namespace, key });

/** Parses `{0:"10.0.0.1:10911"}` or, in standard JSON, `{"0":"10.0.0.1:10911"}`; skips other entries. */
function brokerAddresses(table: LooseObject | undefined): ReadonlyMap<number, string> {
  const addresses = new Map<number, string>();
  for (const [key, address] of table?.entries ?? []) {
    const id = wholeNumberOf(key);
    if (id !== undefined && typeof address === 'string') addresses.set(id, address);
  }
  return addresses;
}
