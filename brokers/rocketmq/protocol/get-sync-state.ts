// Encodes CONTROLLER_GET_SYNC_STATE_DATA (1006) to the leading controller and parses the in-sync replicas.

import type { SyncStateSet } from '../details.ts';
import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject, type LooseJson } from './loose-json.ts';

/*
 * Request body     ["broker-a",…], names of brokers
 * Response body    {"replicasInfoTable":{name:{"masterBrokerId":int64,"masterAddress":string,"masterEpoch":int,
 *                      "syncStateSetEpoch":int,"inSyncReplicas":[{"brokerName":string,"brokerId":int64,"brokerAddress":string,
 *                      "alive":boolean},…],"notInSyncReplicas":[…]},…}}
 */

export function encodeGetSyncState(brokerNames: readonly string[]): Request {
  return { code: 1006, fields: {}, body: Buffer.from(JSON.stringify(brokerNames)) };
}

/** Replicas by address. @throws AppError broker-refused, answer-unreadable */
export function parseGetSyncState(response: Response): SyncStateSet[] {
  const body = parseLooseObject(answered(response, 'replicas in sync (1006)').body);
  const sets: SyncStateSet[] = [];
  for (const [brokerName, info] of body.object('replicasInfoTable')?.entries ?? []) {
    if (typeof brokerName !== 'string' || !(info instanceof LooseObject)) continue;
    const masterEpoch = info.number('masterEpoch');
    if (masterEpoch === undefined) continue;
    sets.push({
      brokerName,
      masterEpoch,
      inSync: addressesOf(info.list('inSyncReplicas')),
      notInSync: addressesOf(info.list('notInSyncReplicas')),
    });
  }
  return sets;
}

function addressesOf(replicas: readonly LooseJson[] | undefined): string[] {
  return (replicas ?? [])
    .map((replica) => (replica instanceof LooseObject ? replica.text('brokerAddress') : undefined))
    .filter((address) => address !== undefined);
}
