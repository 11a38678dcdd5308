// Encodes GET_BROKER_HA_STATUS (907, 5.x) and parses the replication state of a master's slaves.

import type { HaStatus } from '../details.ts';
import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';

/*
 * Request fields   none
 * Response body    {"master":boolean,"masterCommitLogMaxOffset":int64,"inSyncSlaveNums":int,
 *                   "haConnectionInfo":[{"addr":"/ip:port","slaveAckOffset":int64,"diff":int64 bytes,"inSync":boolean,
 *                      "transferredByteInSecond":int64,"transferFromWhere":int64},…],"haClientRuntimeInfo":{…}}
 * Response code    3  a broker of 4.x
 */

export function encodeGetBrokerHaStatus(): Request {
  return { code: 907, fields: {} };
}

/** @returns undefined when the broker asked is a slave. @throws AppError broker-refused, answer-unreadable */
export function parseGetBrokerHaStatus(response: Response): HaStatus | undefined {
  const body = parseLooseObject(answered(response, 'replication status (907)').body);
  const masterCommitLogMaxOffset = body.bigint('masterCommitLogMaxOffset');
  if (body.flag('master') !== true || masterCommitLogMaxOffset === undefined) return undefined;
  const slaves: HaStatus['slaves'][number][] = [];
  for (const slave of body.list('haConnectionInfo') ?? []) {
    if (!(slave instanceof LooseObject)) continue;
    const [address, ackOffset] = [slave.text('addr'), slave.bigint('slaveAckOffset')];
    const [behindBytes, bytesPerSecond] = [slave.bigint('diff'), slave.number('transferredByteInSecond')];
    if (address === undefined || ackOffset === undefined) continue;
    slaves.push({
      address: address.replace(/^\//, ''),
      ackOffset,
      behindBytes: behindBytes ?? masterCommitLogMaxOffset - ackOffset,
      inSync: slave.flag('inSync') ?? false,
      bytesPerSecond: bytesPerSecond ?? 0,
    });
  }
  return { masterCommitLogMaxOffset, inSyncSlaves: body.number('inSyncSlaveNums') ?? 0, slaves };
}
