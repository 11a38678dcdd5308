// Finds the broker that coordinates a group or a transaction.

import { findCoordinatorV3 } from '../library.ts';
import { joinAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import { ask } from './ask.ts';
import type { Connections } from './connections.ts';

const keyTypes = { group: 0, transaction: 1 } as const;

/**
 * For a group, may create __consumer_offsets. @returns the address of the coordinator.
 * @throws AppError as the broker answers
 */
export async function findCoordinator(
  connections: Pick<Connections, 'bootstrap'>,
  kind: keyof typeof keyTypes,
  name: string,
  io: Io,
): Promise<string> {
  const { connection, address } = await connections.bootstrap(io);
  const attempt = { action: `find the coordinator of ${kind} ${name}`, address };
  const { coordinators } = await ask(connection, attempt, io, findCoordinatorV3.api, keyTypes[kind], [name]);
  const [found] = coordinators;
  return joinAddress(found?.host ?? '', found?.port ?? 0);
}
