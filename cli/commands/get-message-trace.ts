// Implements `plimsoll get message-trace`: the producer of a RocketMQ message, and the groups that consumed it.

import { defaultTraceTopic, findTraces, type MessageTrace } from '../../app/observe/message-trace.ts';
import { maskedFields, maskedFieldsOf, maskedTrace, refuseMaskedSearch } from '../../app/observe/masked-messages.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { AppError } from '../../core/errors.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { reportOn } from '../cluster-report.ts';
import { defineCommand, flag, text } from '../command.ts';
import { rocketmqClusterOptions } from '../options.ts';

export const getMessageTraceCommand = defineCommand({
  positionals: '[ID]',
  options: {
    ...rocketmqClusterOptions,
    key: text('KEY', 'traces of all messages with this key'),
    'trace-topic': text('NAME', `where clients write their traces (default ${defaultTraceTopic})`),
    json: flag('print one JSON document: { schemaVersion, traces, notices }'),
  },
  examples: [
    'plimsoll get message-trace 7F0000010A2C63947C6B1E4E8F5C0000',
    'plimsoll get message-trace --key order-4711 --cluster orders',
  ],

  async run(io) {
    const { key, 'trace-topic': traceTopic = defaultTraceTopic } = io.options;
    const [id, another] = io.positionals;
    const wanted = id ?? key;
    if (wanted === undefined || another !== undefined || (id !== undefined && key !== undefined)) {
      throw new AppError('usage', 'which message? give its id, or --key KEY');
    }
    return reportOn(io, async ({ lookUp, colours, config, masks }) => {
      refuseWithoutTraces(config);
      const byKey = key !== undefined;
      // Traces cover messages of all topics.
      if (byKey)
        refuseMaskedSearch({ key }, maskedFields({ name: traceTopic, kind: 'system', broker: 'rocketmq' }, masks));
      const found = await findTraces(await lookUp(), wanted, { ...io, topic: traceTopic, byKey });
      const traces = found.traces.map((trace) =>
        maskedTrace(trace, (topic) => maskedFieldsOf(topic, { config, masks })),
      );
      if (traces.length === 0) {
        throw new AppError('not-found', `no client traced a message ${wanted}`, {
          hint: 'brokers need traceTopicEnable=true, and clients enableMsgTrace; traces expire with the messages of their topic',
        });
      }
      return {
        json: { traces },
        text: traces.map((trace) => traceText(trace, { colours })).join('\n'),
        notices: found.isCut ? ['the index returned its maximum of traces: some may be missing'] : [],
      };
    });
  },
});

/** @throws AppError usage */
const refuseWithoutTraces = (cluster: ClusterConfig): void =>
  byKind<ClusterConfig, void>(cluster, {
    rocketmq: () => undefined,
    kafka() {
      throw new AppError('usage', 'Kafka keeps no message traces', {
        hint: '`plimsoll get group NAME` shows how far a group has read, `plimsoll get messages` shows messages',
      });
    },
  });

const columns = columnsOf(['GROUP', 'CLIENT', 'BEGAN AT', '>RETRIES', '>TOOK', 'OUTCOME']);

const timeText = (atMs: number | undefined) => (atMs === undefined ? '-' : new Date(atMs).toISOString());

function traceText({ msgId, sent, consumptions, transactions }: MessageTrace, how: { colours: boolean }): string {
  const lines: (readonly [string, string])[] = [
    ['message', msgId],
    ...(sent === undefined
      ? [['sent', 'not traced'] as const]
      : ([
          ['topic', sent.topic],
          ['sent at', timeText(sent.atMs)],
          ['sent by', `${sent.clientHost ?? sent.client ?? '-'} (group ${sent.group})`],
          ['stored by', sent.storeHost],
          ['took', `${sent.costMs} ms`],
          ['result', sent.isSuccess ? 'success' : 'failed'],
          ['type', sent.messageType],
          ['size', bytesText(sent.bodyBytes)],
          ...(sent.tags === '' ? [] : [['tags', sent.tags] as const]),
          ...(sent.keys.length === 0 ? [] : [['keys', sent.keys.join(' ')] as const]),
        ] as const)),
    ...transactions.map(
      ({ atMs, state, isAnswerToCheck }) =>
        ['transaction', `${state} at ${timeText(atMs)}${isAnswerToCheck ? ', when the broker asked' : ''}`] as const,
    ),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const head = lines.map(([name, value]) => `${name.padEnd(width)}  ${plain(value)}\n`).join('');
  if (consumptions.length === 0) return `${head}consumed by no group that traces\n`;
  const rows = consumptions.map(({ group, client, beganAtMs, retries, costMs, isSuccess, outcome }) => [
    group,
    client ?? '-',
    timeText(beganAtMs),
    retries === undefined ? '-' : String(retries),
    costMs === undefined ? '-' : `${costMs} ms`,
    isSuccess === undefined ? 'not ended, or not traced' : (outcome ?? (isSuccess ? 'SUCCESS' : 'FAILED')),
  ]);
  return `${head}${renderTable(columns, rows, how)}`;
}
