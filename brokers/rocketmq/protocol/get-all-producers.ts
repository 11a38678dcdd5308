// Encodes GET_ALL_PRODUCER_INFO (328, brokers from 4.9.4) and parses the connected producers.

import { answered } from './answered.ts';
import { connectionsOf, type ClientConnection } from './connection-row.ts';
import type { Request, Response } from './frame.ts';
import { isList, parseLooseObject } from './loose-json.ts';

export interface ProducerGroup {
  group: string;
  clients: ClientConnection[];
}

/*
 * Request fields   none
 * Response body    {"data":{group:[{"clientId":string,"language":enum,"lastUpdateTimestamp":int64,"remoteIP":"/ip:port",
 *                      "version":int},…],…}}
 */

export function encodeGetAllProducers(): Request {
  return { code: 328, fields: {} };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllProducers(response: Response): ProducerGroup[] {
  const groups: ProducerGroup[] = [];
  for (const [group, clients] of parseLooseObject(answered(response, 'producers (328)').body).object('data')?.entries ??
    []) {
    if (typeof group === 'string' && isList(clients)) groups.push({ group, clients: connectionsOf(clients) });
  }
  return groups;
}
