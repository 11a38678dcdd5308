// Encodes UNREGISTER_CLIENT (35), by which a client leaves its groups on a broker.

import { command } from './frame.ts';

interface UnregisterClient {
  clientId: string;
  consumerGroup?: string;
  producerGroup?: string;
}

/*
 * Request fields   clientID, consumerGroup, producerGroup; each group is optional
 * Response         nothing
 */

export const encodeUnregisterClient = ({ clientId, ...groups }: UnregisterClient) =>
  command(35, 'unregistration of a client', { clientID: clientId, ...groups });
