// Renders a ranking: brokers, then topics, groups and clients of the selected broker, as many as fit.

import { byteRateText, ifKnown, percentText, shortRateText } from '../../core/text/quantity-text.ts';
import { columnsOf, paintWith, plain, renderTable } from '../../core/text/table.ts';
import type { Order, Ranked, Ranking } from '../../app/observe/rank.ts';
import type { BrokerFlow, Flow } from '../../app/observe/rates.ts';
import type { BytesMethod } from '../../app/observe/mean-sizes.ts';
import { durationText } from '../../core/text/duration-text.ts';

export interface Frame {
  cluster: string;
  by: Order;
  seconds: number;
  ranking: Ranking;
  notices: readonly string[];
}

const methodTexts: Readonly<Record<BytesMethod, string>> = {
  counter: 'counted by the broker',
  'log-growth': 'growth of the log, one copy',
  'minute-mean': 'messages × mean size of the last minute',
  'mean-size': 'messages × mean stored size',
};

/** Headings, blank lines and headers of the four tables. */
const frameLines = 15;

export function renderFrame({ cluster, by, seconds, ranking, notices }: Frame, rows: number, colours: boolean): string {
  const { brokers, busiest, broker, topics, groups, clients } = ranking;
  const most = Math.max(3, Math.floor((rows - frameLines - notices.length) / 4));
  const where = broker === undefined ? 'all brokers' : `broker ${broker}`;
  const state =
    busiest === undefined
      ? stillState(brokers)
      : `broker ${busiest.broker} is the busiest, most by ${busiest.resource}`;
  const paint = paintWith(colours);
  const heading = (text: string) => `\n${paint('bold', text)}\n`;
  const table = (what: string, ranked: readonly Ranked[], nothing: string) =>
    ranked.length === 0
      ? `${nothing}\n`
      : renderTable([{ heading: what }, ...flowColumns], ranked.slice(0, most).map(rankedCells), { colours });
  return [
    `${paint('bold', cluster)}: ${state}; over ${durationText(seconds)}, by ${by}\n`,
    heading('brokers'),
    renderTable(brokerColumns, brokers.slice(0, most).map(brokerCells), { colours }),
    heading(`topics written on ${where}`),
    table('TOPIC', topics, 'none'),
    heading(`groups reading from ${where}, by their commits`),
    table('GROUP', groups, 'no group committed'),
    heading(`clients reading from ${where}`),
    table('CLIENT', clients, 'none known: no group moved, or its members do not report their subscriptions'),
    ...notices.map((notice) => `note: ${plain(notice)}\n`),
  ].join('');
}

const stillState = (brokers: readonly BrokerFlow[]) =>
  brokers.every(({ written }) => written.messagesPerSecond !== undefined) ? 'nothing moved' : 'rates unknown';

const flowColumns = columnsOf(['>SHARE', '>BYTES', '>MESSAGES', 'BYTES BY']);
const brokerColumns = columnsOf([
  'BROKER',
  '>WRITES',
  '>MESSAGES',
  '>READS',
  '>MESSAGES',
  'BYTES BY',
  'BUSIEST OF ITS MACHINE',
]);

const flowCells = ({ bytesPerSecond, messagesPerSecond }: Partial<Flow>) => [
  ifKnown(bytesPerSecond, byteRateText),
  ifKnown(messagesPerSecond, shortRateText),
];

function rankedCells({ name, share, ...flow }: Ranked) {
  return [name, ifKnown(share, percentText), ...flowCells(flow), flow.method && methodTexts[flow.method]];
}

function brokerCells({ broker, written, read, machine }: BrokerFlow) {
  const method = written.method ?? read.method;
  const busiest =
    machine && [machine.resource, machine.device, percentText(machine.busyRatio)].filter(Boolean).join(' ');
  return [broker, ...flowCells(written), ...flowCells(read), method && methodTexts[method], busiest];
}
