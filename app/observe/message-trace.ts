// Finds traces that clients sent about messages: producer, consumer groups and outcomes.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup } from '../../brokers/lookup.ts';
import { readTraceRecords, type TraceRecord } from '../../brokers/rocketmq/lookup/trace-records.ts';

/** Topic of brokers with traceTopicEnable; clients may use another (customizedTraceTopic). */
export const defaultTraceTopic = 'RMQ_SYS_TRACE_TOPIC';

/** Most results of an index query. */
const mostTraceMessages = 64;

export type MessageTrace = ReturnType<typeof traceOf>;

type Traced = TraceRecord & { client?: string };

/** @param wanted a message id as clients print it (unique key); with `byKey` also a key. @throws errors of the brokers */
export async function findTraces(
  lookup: Pick<ClusterLookup, 'messages'>,
  wanted: string,
  { topic = defaultTraceTopic, byKey = false, ...io }: Io & { topic?: string; byKey?: boolean },
) {
  const answer = await lookup.messages({ kind: 'key', topic, key: wanted, most: mostTraceMessages }, io);
  const messages = answer.kind === 'found' ? answer.messages : [];
  const records = messages.flatMap(({ value, facts }): Traced[] =>
    readTraceRecords(value ?? Buffer.alloc(0)).map((record) => ({
      ...record,
      ...(facts['born by'] !== undefined && { client: facts['born by'] }),
    })),
  );
  // Brokers search an id among the keys too, but a guess must not reveal a masked key.
  const about = records.filter(({ msgId, keys }) => msgId === wanted || (byKey && keys.includes(wanted)));
  const ids = [...new Set(about.map(({ msgId }) => msgId))];
  const traces = ids.map((msgId) =>
    traceOf(
      msgId,
      about.filter((record) => record.msgId === msgId),
    ),
  );
  return {
    traces: traces.toSorted((one, other) => (one.sent?.atMs ?? 0) - (other.sent?.atMs ?? 0)),
    /** The index returned its maximum, so others may be missing. */
    isCut: messages.length >= mostTraceMessages,
  };
}

function traceOf(msgId: string, records: readonly Traced[]) {
  const sent = records.find((record) => record.kind === 'sent');
  const began = records.filter((record) => record.kind === 'consuming');
  const ended = records.filter((record) => record.kind === 'consumed');
  const requests = [...new Set([...began, ...ended].map(({ requestId }) => requestId))];
  /** One per attempt of a group to process the message. */
  const consumptions = requests.map((requestId) => {
    const before = began.find((record) => record.requestId === requestId);
    const after = ended.find((record) => record.requestId === requestId);
    const client = before?.client ?? after?.client;
    return {
      group: before?.group ?? after?.group ?? '',
      /** As seen by the broker of the trace. */
      ...(client !== undefined && { client }),
      ...(before && { beganAtMs: before.atMs, retries: before.retries }),
      /** Absent until it ended, or if that was not traced. */
      ...(after && { costMs: after.costMs, isSuccess: after.isSuccess }),
      ...(after?.outcome !== undefined && { outcome: after.outcome }),
    };
  });
  return {
    msgId,
    ...(sent && { sent }),
    consumptions: consumptions.toSorted((one, other) => (one.beganAtMs ?? 0) - (other.beganAtMs ?? 0)),
    transactions: records.filter((record) => record.kind === 'transaction-ended'),
  };
}
