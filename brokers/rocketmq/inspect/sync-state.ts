// Reads the in-sync replicas from the controllers of 5.x.

import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { Links } from './broker-link.ts';
import { encodeGetControllerMetadata } from '../protocol/get-controller-metadata.ts';
import { encodeGetSyncState, type SyncStateSet } from '../protocol/get-sync-state.ts';

export interface SyncState {
  leader: string;
  sets: readonly SyncStateSet[];
}

/** Timeout for a controller, so that a hanging one leaves time for the next. */
const answerSeconds = 1;

/** Finds the leader through the controllers in turn, and reads the sets from it. @throws AppError when there is none */
export async function readSyncState(
  links: Links,
  controllers: readonly string[],
  brokerNames: readonly string[],
  { signal }: Io,
): Promise<SyncState> {
  let failure: unknown = new AppError('broker-refused', 'no controller is configured');
  for (const address of controllers) {
    const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(answerSeconds * 1000)]) };
    try {
      const leaderAddress = await links.to(address, address).ask(encodeGetControllerMetadata(), io);
      if (leaderAddress === undefined) {
        failure = new AppError('broker-refused', `controller ${address} reports no leader`);
        continue;
      }
      const leader = links.to(leaderAddress, leaderAddress);
      const sets = await leader.ask(encodeGetSyncState(brokerNames), io);
      return { leader: leaderAddress, sets };
    } catch (cause) {
      signal.throwIfAborted();
      failure = cause;
    }
  }
  throw failure;
}

/** Returns replicas that the controller knows and no name server lists: stopped brokers, and those removed for good. */
export const unlistedReplicas = (
  sets: readonly SyncStateSet[],
  listed: readonly { address: string }[],
): { id: string; address: string }[] =>
  sets.flatMap(({ brokerName, replicas }) =>
    replicas
      .filter((replica) => !listed.some(({ address }) => address === replica.address))
      .map(({ address, brokerId }) => ({ id: `${brokerName}:${brokerId}`, address })),
  );
