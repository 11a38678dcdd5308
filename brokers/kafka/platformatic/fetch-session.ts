// What has a broker not been told yet? Incremental fetch sessions (KIP-227): after the first request only what moved is said.

import type { FetchAnswer, FetchPosition, FetchRequest } from './fetch.ts';

export interface FetchSession {
  /** @param positions where every partition of this broker stands now */
  request(positions: readonly FetchPosition[]): FetchRequest;
  /** @returns whether the answer holds partitions; otherwise the next request begins a new session */
  accept(answer: FetchAnswer): boolean;
}

const lastEpoch = 2 ** 31 - 1;

export function createFetchSession(): FetchSession {
  let sessionId = 0;
  let epoch = 0;
  let known = new Map<number, bigint>();

  return {
    request(positions) {
      const moved =
        epoch === 0 ? positions : positions.filter(({ partition, offset }) => known.get(partition) !== offset);
      known = new Map(positions.map(({ partition, offset }) => [partition, offset]));
      return { sessionId, epoch, positions: moved };
    },

    accept(answer) {
      const isKept = answer.errorCode === 0 && answer.sessionId !== 0;
      sessionId = isKept ? answer.sessionId : 0;
      // Epoch 0 asks for a new session, so the count goes on at 1.
      epoch = !isKept ? 0 : epoch === lastEpoch ? 1 : epoch + 1;
      return answer.errorCode === 0;
    },
  };
}
