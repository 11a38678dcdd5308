// Reads the rows of a table keyed by message queue.

import { LooseObject } from './loose-json.ts';

interface QueueRow {
  topic: string;
  brokerName: string;
  queueId: number;
  value: LooseObject;
}

/** Reads `{{"brokerName":"a","queueId":0,"topic":"t"}:{…},…}`; skips rows that do not name a queue. */
export function* queueRows(table: LooseObject | undefined): Iterable<QueueRow> {
  for (const [key, value] of table?.entries ?? []) {
    if (!(key instanceof LooseObject) || !(value instanceof LooseObject)) continue;
    const [topic, brokerName, queueId] = [key.text('topic'), key.text('brokerName'), key.number('queueId')];
    if (topic !== undefined && brokerName !== undefined && queueId !== undefined) {
      yield { topic, brokerName, queueId, value };
    }
  }
}
