// Requests to controllers (5.x): the leader and the replicas in sync.

import { answered, type Response, typedRequest, answeredObject } from './frame.ts';
import { AppError } from '../../../core/errors.ts';
import type { LooseObject } from './loose-json.ts';

// Encodes CONTROLLER_GET_METADATA_INFO (1005, 5.x) and parses the leading controller.

/*
 * Request fields   none
 * Response fields  group, controllerLeaderId, controllerLeaderAddress, isLeader, peers ("n0:host:port;n1:…" or "host:port;…")
 */

export const encodeGetControllerMetadata = () => typedRequest(1005, {}, parseGetControllerMetadata);

/** @returns the address of the leader; undefined while there is none. @throws AppError broker-refused */
export function parseGetControllerMetadata(response: Response): string | undefined {
  return answered(response, 'controller metadata (1005)').fields['controllerLeaderAddress'] || undefined;
}

// Encodes CONTROLLER_GET_SYNC_STATE_DATA (1006) to the leading controller and parses the in-sync replicas.

/*
 * Request body     ["broker-a",…], names of brokers
 * Response body    {"replicasInfoTable":{name:{"masterBrokerId":int64,"masterAddress":string,"masterEpoch":int,
 *                      "syncStateSetEpoch":int,"inSyncReplicas":[{"brokerName":string,"brokerId":int64,"brokerAddress":string,
 *                      "alive":boolean},…],"notInSyncReplicas":[…]},…}}
 *                  of 5.0: {"inSyncStateTable":{name:{"masterAddress":string,"masterEpoch":int,"syncStateSetEpoch":int,
 *                      "inSyncMembers":[{"address":string,"brokerId":int64},…]},…}}
 */

export interface SyncStateSet {
  brokerName: string;
  masterEpoch: number;
  /** Brokers that the controller knows, stopped ones too; a 5.0 controller reports only those in sync. */
  replicas: readonly { address: string; brokerId: number }[];
  inSync: readonly string[];
  /** Absent if the controller is of 5.0, which does not report them. */
  notInSync?: readonly string[];
}

export const encodeGetSyncState = (brokerNames: readonly string[]) =>
  typedRequest(1006, {}, parseGetSyncState, Buffer.from(JSON.stringify(brokerNames)));

/** @returns replicas as addresses. @throws AppError broker-refused, answer-unreadable */
export function parseGetSyncState(response: Response): SyncStateSet[] {
  const body = answeredObject(response, 'replicas in sync (1006)');
  const replicasInfo = body.object('replicasInfoTable');
  const table = replicasInfo === undefined ? 'inSyncStateTable' : 'replicasInfoTable';
  if (body.object(table) === undefined) {
    throw new AppError('answer-unreadable', 'replicas in sync (1006): no table of replicas');
  }
  return body.members(table).flatMap(([brokerName, info]) => {
    const masterEpoch = info.number('masterEpoch');
    if (masterEpoch === undefined) return [];
    const of = { brokerName, masterEpoch };
    if (replicasInfo === undefined) {
      const inSync = replicasIn(info, 'inSyncMembers', 'address');
      return { ...of, replicas: inSync, inSync: addressesOf(inSync) };
    }
    const inSync = replicasIn(info, 'inSyncReplicas', 'brokerAddress');
    const notInSync = replicasIn(info, 'notInSyncReplicas', 'brokerAddress');
    return {
      ...of,
      replicas: [...inSync, ...notInSync],
      inSync: addressesOf(inSync),
      notInSync: addressesOf(notInSync),
    };
  });
}

const addressesOf = (replicas: SyncStateSet['replicas']) => replicas.map(({ address }) => address);

const replicasIn = (info: LooseObject, list: string, key: string): SyncStateSet['replicas'] =>
  info.rows(list).flatMap((replica) => {
    const [address, brokerId] = [replica.text(key), replica.number('brokerId')];
    return address === undefined || brokerId === undefined ? [] : { address, brokerId };
  });
