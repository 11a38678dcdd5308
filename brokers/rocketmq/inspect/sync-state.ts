// Reads the in-sync replicas from the controllers of 5.x.

import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { Links } from './broker-link.ts';
import { encodeGetSyncState, type SyncStateSet } from '../protocol/controller-requests.ts';

export interface SyncState {
  leader: string;
  sets: readonly SyncStateSet[];
}

/** Timeout for one leader, so that a hanging one leaves time for the next. */
const answerSeconds = 1;

/**
 * @param leaders addresses as the controllers report them; after a network partition an old leader may be among them
 * @throws AppError when there is none, or none answers
 */
export async function readSyncState(
  links: Links,
  leaders: ReadonlySet<string>,
  brokerNames: readonly string[],
  { signal }: Io,
): Promise<SyncState> {
  let failure: unknown = new AppError('broker-refused', 'no controller reports a leader');
  for (const leader of leaders) {
    const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(answerSeconds * 1000)]) };
    try {
      return { leader, sets: await links.to(leader, leader).ask(encodeGetSyncState(brokerNames), io) };
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
