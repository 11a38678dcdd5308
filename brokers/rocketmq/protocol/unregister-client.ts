// Encodes UNREGISTER_CLIENT (35), by which a client leaves its groups on a broker.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

interface UnregisterClient {
  clientId: string;
  consumerGroup?: string;
  producerGroup?: string;
}

/*
 * Request fields   clientID, consumerGroup, producerGroup; a group that is absent is none
 * Response         nothing
 */

export function encodeUnregisterClient({ clientId, ...groups }: UnregisterClient): Request {
  return { code: 35, fields: { clientID: clientId, ...groups } };
}

/** @throws AppError */
export function parseUnregisterClient(response: Response): void {
  answered(response, 'unregistration of a client (35)');
}
