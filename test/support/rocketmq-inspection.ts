// Inspects a RocketMQ cluster of scripted processes.

import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { createInspector } from '../../brokers/rocketmq/inspect/snapshot.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { createHandClock } from './hand-clock.ts';
import { answerOf, refusalOf } from './rocketmq-answers.ts';
import { scriptProcesses, type Process } from './rocketmq-processes.ts';

export const io = () => ({ signal: AbortSignal.timeout(20_000) });

/** Uses `name:id` as addresses, like ids, to keep listings readable. */
export const listing = (...ids: string[]) => {
  const byName = Map.groupBy(ids, (id) => id.split(':')[0] ?? '');
  const rows = Array.from(byName, ([name, own]) => {
    const addresses = own.map((id) => `${id.split(':')[1]}:"${id}"`);
    return `"${name}":{"brokerAddrs":{${addresses.join(',')}},"brokerName":"${name}","cluster":"lab"}`;
  });
  return { 106: `{"brokerAddrTable":{${rows.join(',')}}}` };
};

export interface Holdings {
  /** End offsets of the queues of topic `orders`. */
  ends?: readonly number[];
  /** Response body of request code 43. */
  commits?: string;
  /** Groups with a config; by default all with commits, because consumers create it before they commit. */
  groups?: readonly string[];
  runtime?: Readonly<Record<string, string>>;
  /** Response body of request code 203, for every group. */
  clients?: string;
  more?: Exclude<Process, string>;
}

export function broker(holdings: Holdings = {}): Process {
  const { ends = [], commits = '{}', runtime = {}, clients, more = {} } = holdings;
  const { groups = Array.from(commits.matchAll(/@([^"]+)"/g), ([, group]) => group) } = holdings;
  const orders = `{"orders":{"perm":6,"readQueueNums":${ends.length},"writeQueueNums":${ends.length}}}`;
  return {
    26: 'fileReservedTime=72',
    21: `{"topicConfigTable":${ends.length === 0 ? '{}' : orders}}`,
    28: JSON.stringify({
      table: { commitLogMinOffset: '0', commitLogMaxOffset: '1000', dispatchBehindBytes: '0', ...runtime },
    }),
    30: ({ fields }) => answerOf('', { offset: String(ends[Number(fields['queueId'])]) }),
    31: () => answerOf('', { offset: '0' }),
    43: `{"offsetTable":${commits}}`,
    201: JSON.stringify({
      subscriptionGroupTable: Object.fromEntries(['TOOLS_CONSUMER', ...groups].map((name) => [name, {}])),
    }),
    203: clients === undefined ? refusalOf(206, 'not online') : clients,
    ...more,
  };
}

export function inspect(processes: Record<string, Process>, over: object = {}) {
  const client = scriptProcesses(processes);
  const clock = createHandClock();
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['ns-1:9876'], ...over });
  return { client, clock, inspector: createInspector({ name: 'lab', config, client, clock }) };
}

export const lagsOf = ({ groups }: ClusterSnapshot) =>
  groups.flatMap(({ name, partitions }) =>
    Array.from(partitions, ({ topic, brokerName, partition, committed, end }) =>
      [
        name,
        topic,
        `${brokerName} ${partition}`,
        committed === undefined ? 'uncommitted' : Number(end - committed),
      ].join(' '),
    ),
  );

export const troubles = ({ sections }: ClusterSnapshot) =>
  sections
    .filter(({ kind }) => kind !== 'fresh')
    .map(({ section, broker: of, kind }) => `${section} ${of ?? ''} ${kind}`);
