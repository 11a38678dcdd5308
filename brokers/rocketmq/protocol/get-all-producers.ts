// Encodes GET_ALL_PRODUCER_INFO (328, brokers from 4.9.4) and parses the connected producers.

import { answeredObject, type Response, typedRequest } from './frame.ts';
import { connectionsOf, type ClientConnection } from './connection-row.ts';
import { isList } from './loose-json.ts';

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
