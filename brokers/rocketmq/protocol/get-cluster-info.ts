// Encodes GET_BROKER_CLUSTER_INFO (106) and parses the brokers registered at a name server.

import { answeredObject, type Response, typedRequest } from './frame.ts';
import { brokerAddresses } from './broker-addresses.ts';
import type { LooseObject } from './loose-json.ts';

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
