// Records when each name server shows the new leader, the loss of the old one, and its return.

import type { ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { seconds } from '../../../core/clock.ts';
import { groupsIn } from '../broker-group.ts';

interface ServerTimes {
  server: string;
  /** Monotonic seconds; absent until seen. */
  newLeaderAt?: number;
  deadLeftAt?: number;
  returnedAt?: number;
}

export function watchMembers(brokerName: string, dead: string, servers: readonly string[]) {
  const times: ServerTimes[] = servers.map((server) => ({ server }));
  let leader: string | undefined;
  return {
    times,
    newLeader: () => leader,
    /** @param isBack the old leader responds again */
    see(listings: readonly ServerListing[], at: number, isBack: boolean): void {
      for (const row of times) {
        const listing = listings.find(({ server }) => server === row.server);
        if (listing?.brokers === undefined) continue;
        const members = groupsIn([listing]).get(brokerName)?.members ?? [];
        const master = members.find(({ brokerId }) => brokerId === 0)?.address;
        const isListed = members.some(({ address }) => address === dead);
        if (master !== undefined && master !== dead) {
          leader = master;
          row.newLeaderAt ??= at;
        }
        if (!isListed) row.deadLeftAt ??= at;
        if (isBack && isListed && row.deadLeftAt !== undefined) row.returnedAt ??= at;
      }
    },
  };
}

export const isEvery = (watch: { times: readonly ServerTimes[] }, name: keyof Omit<ServerTimes, 'server'>) =>
  watch.times.every((row) => row[name] !== undefined);

/** Interval at which name servers and members are checked. */
export const lookSeconds = seconds(0.2);
