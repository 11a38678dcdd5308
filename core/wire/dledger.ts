// Computes what one DLedger follower's copy of a record costs the leader.

import { sentAtOnce, times, type Exchange } from './flow.ts';

/*
 * Push (DLedgerRpcNettyService, PushEntryRequest as JSON in the body of a remoting command):
 *
 *   leader → follower   remoting frame 98 | envelope 279 { … "entries": [
 *                         { 117 of names and numbers …, "body": "<base64 of the record>" }, … ] }
 *   follower → leader   answer of 215
 *
 * base64 writes 3 bytes as 4. One entry a push is the default (enableBatchPush false); with it on a push takes what waits.
 */
const perEntry = 117;
const perPush = 279 + 98;
const answer = 215;
/** Of each entry on the disk: its header (DLedgerEntryCoder), and its place in the index. */
export const entryBytes = 48 + 32;

export const base64Bytes = (bytes: number) => 4 * Math.ceil(bytes / 3);

export function dledgerCopy(recordBytes: number, pushBatch: number): Exchange {
  const push = perPush + pushBatch * (perEntry + base64Bytes(recordBytes));
  return { out: times(sentAtOnce(push), 1 / pushBatch), in: times(sentAtOnce(answer), 1 / pushBatch) };
}
