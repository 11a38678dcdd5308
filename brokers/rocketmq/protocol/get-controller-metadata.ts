// Encodes CONTROLLER_GET_METADATA_INFO (1005, 5.x) and parses the leading controller.

import { answered, type Response, typedRequest } from './frame.ts';

/*
 * Request fields   none
 * Response fields  group, controllerLeaderId, controllerLeaderAddress, isLeader, peers ("n0:host:port;n1:…" or "host:port;…")
 */

export const encodeGetControllerMetadata = () => typedRequest(1005, {}, parseGetControllerMetadata);

/** @returns the address of the leader; undefined while there is none. @throws AppError broker-refused */
export function parseGetControllerMetadata(response: Response): string | undefined {
  return answered(response, 'controller metadata (1005)').fields['controllerLeaderAddress'] || undefined;
}
