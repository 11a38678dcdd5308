// Encodes the requests that make a broker delete what it no longer needs: 306, 316, 329.

import { answered, typedRequest } from './frame.ts';

/*
 * 306  CLEAN_EXPIRED_CONSUMEQUEUE  consume queues whose messages have all left the commit log
 * 316  CLEAN_UNUSED_TOPIC          consume queues of topics that the broker does not have any more
 * 329  DELETE_EXPIRED_COMMITLOG    commit log files older than fileReservedTime, without waiting for deleteWhen
 * Request fields  none
 * Response        nothing
 */

const codes = { 'expired-consume-queues': 306, 'unused-topics': 316, 'expired-commit-log': 329 } as const;
export type Cleanup = keyof typeof codes;
export const cleanups = Object.keys(codes) as Cleanup[];

export const encodeClean = (what: Cleanup) =>
  typedRequest(codes[what], {}, (response) => void answered(response, 'a cleanup (306, 316, 329)'));
