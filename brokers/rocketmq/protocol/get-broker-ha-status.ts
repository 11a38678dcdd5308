// Encodes GET_BROKER_HA_STATUS (907, 5.x) and parses the replication state of a master's slaves.

import { answeredObject, type Response, typedRequest } from './frame.ts';

/*
 * Request fields   none
 * Response body    {"master":boolean,"masterCommitLogMaxOffset":int64,"inSyncSlaveNums":int,
 *                   "haConnectionInfo":[{"addr":"/ip:port","slaveAckOffset":int64,"diff":int64 bytes,"inSync":boolean,
 *                      "transferredByteInSecond":int64,"transferFromWhere":int64},…],"haClientRuntimeInfo":{…}}
 * Response code    3  a broker of 4.x
 */

export interface HaStatus {
  masterCommitLogMaxOffset: bigint;
  inSyncSlaves: number;
  slaves: readonly {
    address: string;
    ackOffset: bigint;
    behindBytes: bigint;
    inSync: boolean;
    bytesPerSecond: number;
  }[];
}

export const encodeGetBrokerHaStatus = () => typedRequest(907, {}, parseGetBrokerHaStatus);

/** @returns undefined when the broker is a slave. @throws AppError broker-refused, answer-unreadable */
export function parseGetBrokerHaStatus(response: Response): HaStatus | undefined {
  const body = answeredObject(response, 'replication status (907)');
  const masterCommitLogMaxOffset = body.bigint('masterCommitLogMaxOffset');
  if (body.flag('master') !== true || masterCommitLogMaxOffset === undefined) return undefined;
  const slaves = body.rows('haConnectionInfo').flatMap((slave) => {
    const [address, ackOffset] = [slave.text('addr'), slave.bigint('slaveAckOffset')];
    if (address === undefined || ackOffset === undefined) return [];
    return {
      address: address.replace(/^\//, ''),
      ackOffset,
      behindBytes: slave.bigint('diff') ?? masterCommitLogMaxOffset - ackOffset,
      inSync: slave.flag('inSync') ?? false,
      bytesPerSecond: slave.number('transferredByteInSecond') ?? 0,
    };
  });
  return { masterCommitLogMaxOffset, inSyncSlaves: body.number('inSyncSlaveNums') ?? 0, slaves };
}
