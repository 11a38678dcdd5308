// Finds what clients traced about messages: who sent them, and which group consumed them with what outcome.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup } from '../../brokers/lookup.ts';
import { readTraceRecords, type TraceRecord } from '../../brokers/rocketmq/lookup/trace-records.ts';

/** Of brokers with traceTopicEnable; clients may be set to another (customizedTraceTopic). */
export const defaultTraceTopic = 'RMQ_SYS_TRACE_TOPIC';

/** An index answers with so many at most. */
const mostTraceMessages = 64;

export type MessageTrace = ReturnType<typeof traceOf>;

type Traced = TraceRecord & { client?: string };

/** @param wanted a message id as clients print it (unique key); with `byKey` also a key. @throws AppError as the brokers answer */
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
  // Brokers look up an id among the keys, too: a guess must not find a key that is masked.
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
    /** As many trace messages came as an index answers with: others may be missing. */
    isCut: messages.length >= mostTraceMessages,
  };
}

function traceOf(msgId: string, records: readonly Traced[]) {
  const sent = records.find((record) => record.kind === 'sent');
  const began = records.filter((record) => record.kind === 'consuming');
  const ended = records.filter((record) => record.kind === 'consumed');
  const requests = [...new Set([...began, ...ended].map(({ requestId }) => requestId))];
  /** One for each try of a group to process the message. */
  const consumptions = requests.map((requestId) => {
    const before = began.find((record) => record.requestId === requestId);
    const after = ended.find((record) => record.requestId === requestId);
    const client = before?.client ?? after?.client;
    return {
      group: before?.group ?? after?.group ?? '',
      /** As the broker of the trace saw it. */
      ...(client !== undefined && { client }),
      ...(before && { beganAtMs: before.atMs, retries: before.retries }),
      /** Absent until it ended, or where that was not traced. */
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
