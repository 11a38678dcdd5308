// Stores measurements of truth lab set-ups in evidence/truth/ and on docs/evidence/truth.md; a later run replaces its row.

import { cpus } from 'node:os';
import { readCommit } from '../../test/support/evidence-page.ts';
import { keepRow, type EvidenceTable } from '../../test/support/evidence-table.ts';
import { median } from '../bench.ts';
import type { Fullness } from '../truth-lab.ts';
import type { DrivenSetUp, Prediction } from './driven-set-up.ts';
import { drawErrors } from './error-chart.ts';
import type { SetUp } from './set-ups.ts';

const page = 'docs/evidence/truth.md';

const columns: EvidenceTable['columns'] = [
  { name: 'set-up' },
  { name: 'brokers' },
  { name: 'copies', isNumber: true, isHidden: true },
  { name: 'groups', isNumber: true, isHidden: true },
  { name: 'bytes', isNumber: true, isHidden: true },
  { name: 'link or cores', isHidden: true },
  { name: 'measured limit, msg/s', isNumber: true },
  { name: 'saturated resource', isHidden: true },
  { name: 'predicted resource', isHidden: true },
  { name: 'steps to', isHidden: true },
  { name: 'from two thirds', isNumber: true },
  { name: 'error', isNumber: true },
  { name: 'steps to (half)', isHidden: true },
  { name: 'from half', isNumber: true },
  { name: 'error (half)', isNumber: true },
  { name: 'judged', isHidden: true },
  { name: 'commit', isHidden: true },
];
const how =
  'A limit is predicted from steps up to two thirds of it, and from steps up to half. Then it is measured on the same cluster\n' +
  '(`npm run bench -- truth-lab --set-up NAME`): the highest rate that was acknowledged, copied and read by every group.';
const tables = {
  links: {
    page,
    heading: 'Real brokers behind links of known speed',
    data: 'evidence/truth/links.csv',
    says: `![Errors of predictions](../images/truth-links.svg)\n\n${how}\nThe header overhead removed at saturation (docs/explanation/verdict.md) was calibrated on rocketmq-4-single, rocketmq-5-master-slave and founding.`,
    columns,
    sum: sumOfErrors,
    isShown: () => false,
  },
  cores: {
    page,
    heading: 'Real brokers on one core',
    data: 'evidence/truth/cores.csv',
    says: `![Errors of predictions](../images/truth-cores.svg)\n\nAs above, but the broker has one core, and the load generator the other, which may share the physical core. Each receives packets on its own\ncore, as behind a network card. Java code is compiled once (-XX:TieredStopAtLevel=1), the heap is 2 GB. A warm-up of 40 s finds a rate; eight steps\nhave 12 to 67% of it. The measured limit is the highest rate achieved without waiting senders; set-ups whose\nbroker was not full are not counted below. Goals from two thirds: 8% median, 15% worst. Parts of a core are not tested: a quota would stop a broker\nin the middle of its work, which changes what a message costs.`,
    columns,
    sum: sumOfErrors,
    isShown: () => false,
  },
  segments: {
    page,
    heading: 'Overhead removed at saturation',
    data: 'evidence/truth/overhead.csv',
    says:
      'Payload and frames at the limit, in the fullest direction, divided by their linear prediction from steps up to two thirds. Saved: the share\n' +
      'of removable frames (all but full segments with one acknowledgement per two) that was not sent.',
    columns: [
      { name: 'set-up' },
      { name: 'direction', isHidden: true },
      { name: 'payload over prediction', isNumber: true },
      { name: 'frames over prediction', isNumber: true },
      { name: 'removable overhead saved', isNumber: true },
      { name: 'judged', isHidden: true },
      { name: 'commit', isHidden: true },
    ],
    sum: sumOfOverhead,
    isShown: () => false,
  },
  causes: {
    page,
    heading: 'Change of the limit when a resource shrinks',
    data: 'evidence/truth/shrunk.csv',
    says:
      'Closed-loop senders find the saturation (`npm run bench -- truth-cause --set-up NAME`) with all resources (twice), with 10% less link speed, and\n' +
      'with 10% less CPU. The limit should fall by 10% with the limiting resource, and not with the other one. A run whose two limits with all\n' +
      'resources differ by more than 10% measured nothing and has no row.',
    columns: [
      { name: 'set-up' },
      { name: 'link', isHidden: true },
      { name: 'cores', isNumber: true, isHidden: true },
      { name: 'limited by' },
      { name: 'limit, msg/s', isNumber: true },
      { name: 'repeated', isNumber: true },
      { name: 'with 10% less link', isNumber: true },
      { name: 'with 10% less CPU', isNumber: true },
      { name: 'commit', isHidden: true },
    ],
  },
} as const satisfies Record<string, EvidenceTable>;

const mostNoise = 0.1;
const eachRowMade = 'Each row names its commit.';

/** @returns where and when the last row of a table was measured */
export const lastRowMade = async (): Promise<string> =>
  `Last row at ${await readCommit()} on ${new Date().toISOString()} (${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}).`;

/** Messages per second. */
export interface CauseOutcome {
  boundBy: 'link' | 'cores';
  cores: number;
  before: readonly [number, number];
  lessLink: number;
  lessCores: number;
}

/** Skips the row if the two limits with all resources differ by as much as the reduction: nothing was measured then. */
export async function keepCauseRow(name: string, { nic }: SetUp, outcome: CauseOutcome): Promise<void> {
  const { boundBy, cores, before, lessLink, lessCores } = outcome;
  const mean = (before[0] + before[1]) / 2;
  if (Math.abs(before[0] - before[1]) > mostNoise * mean) return;
  const moved = (tps: number) => `${figure(tps)} (${(tps / mean).toFixed(3)})`;
  const cells = [
    name,
    nic,
    cores,
    boundBy === 'link' ? 'link' : 'CPU',
    ...before.map(figure),
    moved(lessLink),
    moved(lessCores),
  ];
  await keepRow(tables.causes, [...cells.map(String), await readCommit()], eachRowMade);
}

/** When a row was judged: newer code that judges an old recording tests no prediction that was made before the run. */
export type Judged = 'when driven' | 'again';

export async function keepTruthRow(
  name: string,
  setUp: SetUp,
  outcome: DrivenSetUp,
  { isFull, judged }: { isFull: Fullness; judged: Judged },
): Promise<void> {
  const table = setUp.brokerCores === undefined ? 'links' : 'cores';
  const commit = await readCommit();
  await keepRow(tables[table], [...rowOf(name, setUp, outcome, { isFull, judged }), commit], eachRowMade);
  await drawErrors(tables[table].data, `docs/images/truth-${table}.svg`);
  const { whenFull } = outcome;
  if (whenFull === undefined || setUp.brokerCores !== undefined) return;
  const { direction, host, payload, frames, spared } = whenFull;
  const share = spared === undefined ? 'none removable' : percent(spared);
  const row = [name, `${direction} of ${host}`, payload.toFixed(3), frames.toFixed(3), share, judged, commit];
  await keepRow(tables.segments, row, eachRowMade);
}

export function rowOf(
  name: string,
  setUp: SetUp,
  { carriedTps, fromTwoThirds, fromHalf }: DrivenSetUp,
  { isFull, judged }: { isFull: Fullness; judged: Judged },
): string[] {
  const brokers =
    setUp.product === 'kafka'
      ? `Kafka ${setUp.version}, ${setUp.brokers}`
      : `RocketMQ ${setUp.version} ${setUp.mode}, ${setUp.requests}`;
  const { predicted } = fromTwoThirds;
  const each = setUp.brokerCores === undefined ? setUp.nic : `${setUp.brokerCores} cores`;
  return [
    name,
    brokers,
    String(setUp.replicas),
    String(setUp.groups),
    String(setUp.messageBytes),
    each,
    figure(carriedTps),
    `${isFull.fullest.direction} of ${isFull.fullest.host} (${percent(isFull.fullest.share)})`,
    predicted ? `${predicted.limit.name} of ${predicted.limit.node} (${percent(isFull.named)})` : 'nothing',
    ...predictionCells(fromTwoThirds, carriedTps),
    ...predictionCells(fromHalf, carriedTps),
    judged,
  ];
}

function predictionCells({ predicted, highestShare }: Prediction, carriedTps: number): string[] {
  if (predicted === undefined) return [percent(highestShare), 'none', ''];
  const off = 100 * (predicted.tps / carriedTps - 1);
  return [
    percent(highestShare),
    `${figure(predicted.tps)}${predicted.isFlagged ? ', flagged' : ''}`,
    `${off < 0 ? '−' : '+'}${Math.abs(off).toFixed(1)}%`,
  ];
}

const figure = (value: number) => Math.round(value).toLocaleString('en-US');
const percent = (share: number) => `${(100 * share).toFixed(0)}%`;

/** Percentage above which a direction counts as saturated: a shaped link shows 95 to 100% of its speed. */
const full = 95;

function sumOfErrors(rows: readonly (readonly string[])[]): string {
  const place = (name: string) => columns.findIndex((column) => column.name === name);
  const filled = rows.filter((row) => Number(/\((\d+)%\)/.exec(row[place('predicted resource')] ?? '')?.[1]) >= full);
  const errorsAt = (name: string) =>
    filled
      .map((row) => Math.abs(Number(/([\d.]+)%/.exec(row[place(name)] ?? '')?.[1])))
      .filter(Number.isFinite)
      .toSorted((a, b) => a - b);
  const text = (errors: readonly number[]) =>
    `${median(errors).toFixed(1)}% median, ${errors.at(-1)?.toFixed(1)}% worst`;
  const [ofTwoThirds, ofHalf] = [errorsAt('error'), errorsAt('error (half)')];
  if (ofTwoThirds.length === 0 || ofHalf.length === 0) return 'No predicted resource was saturated.';
  return `The predicted resource was saturated in ${filled.length} of ${rows.length}. Error of these: ${text(ofTwoThirds)} from two thirds, ${text(ofHalf)} from half.`;
}

/** Columns: set-up, direction, payload, frames, saved. */
function sumOfOverhead(rows: readonly (readonly string[])[]): string {
  const of = (column: number) => rows.map((row) => Number.parseFloat(row[column] ?? '')).filter(Number.isFinite);
  const [payload, frames, saved] = [of(2), of(3), of(4)];
  if (payload.length === 0) return 'Nothing is recorded.';
  const removable =
    saved.length === 0 ? '' : ` Median saved: ${median(saved)}% in ${saved.length} set-ups with removable overhead.`;
  return `${rows.length} set-ups. Median over prediction: payload ${median(payload).toFixed(3)}, frames ${median(frames).toFixed(3)}.${removable}`;
}
