// Computes the cost for the leader of one DLedger follower's copy of a record.

import { sentAtOnce, times, type Exchange } from './flow.ts';

/*
 * Push (DLedgerRpcNettyService, PushEntryRequest as JSON in the body of a remoting command):
 *
 *   leader → follower   remoting frame 98 | envelope 279 { … "entries": [
 *                         { 117 of names and numbers …, "body": "<base64 of the record>" }, … ] }
 *   follower → leader   response of 215
 *
 * base64 encodes 3 bytes as 4. By default a push has one entry (enableBatchPush false); otherwise it has all pending entries.
 */
const perEntry = 117;
const perPush = 279 + 98;
const answer = 215;
/** Disk bytes per entry: header (DLedgerEntryCoder) and index entry. */
export const entryBytes = 48 + 32;

export const base64Bytes = (bytes: number) => 4 * Math.ceil(bytes / 3);

export function dledgerCopy(recordBytes: number, pushBatch: number): Exchange {
  const push = perPush + pushBatch * (perEntry + base64Bytes(recordBytes));
  return { out: times(sentAtOnce(push), 1 / pushBatch), in: times(sentAtOnce(answer), 1 / pushBatch) };
}
