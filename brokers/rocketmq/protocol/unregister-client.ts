// How does a client leave its group at once? Request code 35, UNREGISTER_CLIENT, to every broker it sent heartbeats.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

export interface UnregisterClient {
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
  answered(response, 'leave of a group (35)');
}
