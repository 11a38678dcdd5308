// Encodes GET_ROUTEINFO_BY_TOPIC (105) and parses the brokers and queue counts of a topic.

import { answeredObject, type Response, typedRequest } from './frame.ts';
import { brokerAddresses } from './broker-addresses.ts';
import { queueCount } from './get-all-topic-config.ts';
import type { ListedBroker } from './get-cluster-info.ts';

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
