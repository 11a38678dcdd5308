// Encodes GET_ALL_CONSUMER_OFFSET (43) and parses the commits of every group on a broker.

import { answeredObject, type Response, typedRequest } from './frame.ts';
import { exactOf, LooseObject, wholeNumberOf } from './loose-json.ts';

export interface TopicCommits {
  topic: string;
  group: string;
  /** Committed offset by queue id, without queues that have no commit. */
  byQueue: ReadonlyMap<number, bigint>;
}

/*
 * Request fields   none
 * Response body    {"offsetTable":{"topic@group":{0:int64,1:int64,…},…}}, keys of queues bare; dataVersion and more in 5.x
 *
 * The broker answers from memory: slaves send this request every ten seconds.
 */

export const encodeGetAllConsumerOffset = () => typedRequest(43, {}, parseGetAllConsumerOffset);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllConsumerOffset(response: Response): TopicCommits[] {
  const table = answeredObject(response, 'committed offsets (43)').object('offsetTable');
  const commits: TopicCommits[] = [];
  for (const [key, queues] of table?.entries ?? []) {
    // Names of topics and groups cannot contain `@`.
    const [topic, group, more] = typeof key === 'string' ? key.split('@') : [];
    if (topic === undefined || group === undefined || more !== undefined || !(queues instanceof LooseObject)) continue;
    const byQueue = new Map<number, bigint>();
    for (const [id, committed] of queues.entries) {
      const [queueId, offset] = [wholeNumberOf(id), exactOf(committed)];
      // The queue of a static topic reports -1 if it has no commit.
      if (queueId !== undefined && offset !== undefined && offset >= 0n) byQueue.set(queueId, offset);
    }
    commits.push({ topic, group, byQueue });
  }
  return commits;
}
