// Encodes CONTROLLER_GET_SYNC_STATE_DATA (1006) to the leading controller and parses the in-sync replicas.

import { AppError } from '../../../core/errors.ts';
import type { SyncStateSet } from '../details.ts';
import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject, type LooseJson } from './loose-json.ts';

/*
 * Request body     ["broker-a",…], names of brokers
 * Response body    {"replicasInfoTable":{name:{"masterBrokerId":int64,"masterAddress":string,"masterEpoch":int,
 *                      "syncStateSetEpoch":int,"inSyncReplicas":[{"brokerName":string,"brokerId":int64,"brokerAddress":string,
 *                      "alive":boolean},…],"notInSyncReplicas":[…]},…}}
 *                  of 5.0: {"inSyncStateTable":{name:{"masterAddress":string,"masterEpoch":int,"syncStateSetEpoch":int,
 *                      "inSyncMembers":[{"address":string,"brokerId":int64},…]},…}}
 */

export function encodeGetSyncState(brokerNames: readonly string[]): Request {
  return { code: 1006, fields: {}, body: Buffer.from(JSON.stringify(brokerNames)) };
}

/** Replicas by address. @throws AppError broker-refused, answer-unreadable */
export function parseGetSyncState(response: Response): SyncStateSet[] {
  const body = parseLooseObject(answered(response, 'replicas in sync (1006)').body);
  const replicasInfo = body.object('replicasInfoTable');
  const table = replicasInfo ?? body.object('inSyncStateTable');
  if (table === undefined) throw new AppError('answer-unreadable', 'replicas in sync (1006): no table of replicas');
  const sets: SyncStateSet[] = [];
  for (const [brokerName, info] of table.entries) {
    if (typeof brokerName !== 'string' || !(info instanceof LooseObject)) continue;
    const masterEpoch = info.number('masterEpoch');
    if (masterEpoch === undefined) continue;
    sets.push({
      brokerName,
      masterEpoch,
      ...(table === replicasInfo
        ? {
            inSync: addressesOf(info.list('inSyncReplicas'), 'brokerAddress'),
            notInSync: addressesOf(info.list('notInSyncReplicas'), 'brokerAddress'),
          }
        : { inSync: addressesOf(info.list('inSyncMembers'), 'address') }),
    });
  }
  return sets;
}

function addressesOf(replicas: readonly LooseJson[] | undefined, key: string): string[] {
  return (replicas ?? [])
    .map((replica) => (replica instanceof LooseObject ? replica.text(key) : undefined))
    .filter((address) => address !== undefined);
}
