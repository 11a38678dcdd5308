// Encodes CONTROLLER_GET_METADATA_INFO (1005, 5.x) and parses the leading controller.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

interface ControllerMetadata {
  /** Absent while there is none. */
  leaderAddress?: string;
  peers: string[];
}

/*
 * Request fields   none
 * Response fields  group, controllerLeaderId, controllerLeaderAddress, isLeader, peers ("n0:host:port;n1:…" or "host:port;…")
 */

export function encodeGetControllerMetadata(): Request {
  return { code: 1005, fields: {} };
}

/** @throws AppError broker-refused */
export function parseGetControllerMetadata(response: Response): ControllerMetadata {
  const { fields } = answered(response, 'controller metadata (1005)');
  const leaderAddress = fields['controllerLeaderAddress'];
  return {
    ...(leaderAddress !== undefined && leaderAddress !== '' && { leaderAddress }),
    peers: (fields['peers'] ?? '').split(';').filter((peer) => peer !== ''),
  };
}
