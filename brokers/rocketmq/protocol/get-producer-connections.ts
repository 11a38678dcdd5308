// Which clients of a producer group are connected? Request code 204, GET_PRODUCER_CONNECTION_LIST, to a broker.

import { answered } from './answered.ts';
import { connectionsOf, type ClientConnection } from './connection-row.ts';
import type { Request, Response } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

/*
 * Request fields   producerGroup  string
 * Response body    {"connectionSet":[{"clientAddr":string,"clientId":string,"language":enum,"version":int},…]}
 * Response code    1  no such producer group
 */

export function encodeGetProducerConnections(group: string): Request {
  return { code: 204, fields: { producerGroup: group } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetProducerConnections(response: Response): ClientConnection[] {
  return connectionsOf(
    parseLooseObject(answered(response, 'clients of a producer group (204)').body).list('connectionSet'),
  );
}
