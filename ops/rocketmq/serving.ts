// Finds the broker that serves the queues of a broker group now: its master or an acting one.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { AppError } from '../../core/errors.ts';
import { groupsIn, notListedHint } from './broker-group.ts';

/** @throws AppError broker-unreachable while no name server lists any of them */
export async function servingAddress(
  { brokerName }: { brokerName: string },
  desk: ChangeDesk,
  io: Io,
): Promise<string> {
  const [first] = groupsIn(await desk.listings(io)).get(brokerName)?.members ?? [];
  if (first !== undefined) return first.address;
  throw new AppError('broker-unreachable', `no name server lists a member of ${brokerName} now`, {
    hint: notListedHint,
  });
}
