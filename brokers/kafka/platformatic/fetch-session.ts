// Tracks an incremental fetch session (KIP-227): later requests name only changed and forgotten partitions.

import type { FetchAnswer, FetchPosition, FetchRequest } from './fetch.ts';

const lastEpoch = 2 ** 31 - 1;

export function createFetchSession() {
  let sessionId = 0;
  let epoch = 0;
  let known = new Map<number, bigint>();

  return {
    /** @param positions positions of all partitions that are wanted from this broker now */
    request(positions: readonly FetchPosition[]): FetchRequest {
      const moved =
        epoch === 0 ? positions : positions.filter(({ partition, offset }) => known.get(partition) !== offset);
      const wanted = new Map(positions.map(({ partition, offset }) => [partition, offset]));
      const forgotten = epoch === 0 ? [] : [...known.keys()].filter((partition) => !wanted.has(partition));
      known = wanted;
      return { sessionId, epoch, positions: moved, ...(forgotten.length === 0 ? {} : { forgotten }) };
    },

    /** @returns whether the answer has partitions; otherwise the next request starts a new session */
    accept(answer: Pick<FetchAnswer, 'errorCode' | 'sessionId'>): boolean {
      const isKept = answer.errorCode === 0 && answer.sessionId !== 0;
      sessionId = isKept ? answer.sessionId : 0;
      // Epoch 0 requests a new session, so the count continues at 1.
      epoch = !isKept ? 0 : epoch === lastEpoch ? 1 : epoch + 1;
      return answer.errorCode === 0;
    },
  };
}
