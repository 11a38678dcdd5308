// Keeps the rows of docs/truth.md: one row per set-up; a later run replaces an earlier one.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readCommit, withSection } from '../../tools/evidence-page.ts';
import { median } from '../bench.ts';
import type { Fullness } from '../truth-lab.ts';
import type { DrivenSetUp, Prediction } from './driven-set-up.ts';
import type { SetUp } from './set-ups.ts';

const page = fileURLToPath(new URL('../../docs/truth.md', import.meta.url));

interface RowTable {
  heading: string;
  says: string;
  header: readonly string[];
  /** A line of figures about all rows. */
  sum?: (rows: readonly string[]) => string;
}

const columns = [
  '| set-up | brokers | copies | groups | bytes | link or cores | measured limit, msg/s | saturated resource | predicted resource | steps to | predicted | error | steps to | predicted | error | judged |',
  '| --- | --- | ---: | ---: | ---: | --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
];
const how =
  'Each set-up is tested in steps. A limit is predicted from the steps up to two thirds of it, and again from those up to half. Then the same\n' +
  'cluster is tested to its limit (`npm run bench -- truth-lab --set-up NAME`): the highest rate that was acknowledged, copied and read by every\n' +
  'group. "Steps to" is the highest step over that limit; "flagged" marks a prediction far beyond the tested rates. Each row is the last run of\n' +
  'its set-up. Judged "again": newer code evaluated an earlier recording (`--again`), so the prediction was not made before the test.';
const ofLinks =
  'Above 100% a link moved more than its nominal speed. The header overhead that is removed at saturation (docs/verdict.md) was calibrated on\n' +
  'rocketmq-4-single, rocketmq-5-master-slave and founding. With three Kafka brokers, the load generator has three times their link speed.';
const tables = {
  links: {
    heading: 'Real brokers behind links of known speed',
    says: `${how}\n${ofLinks}`,
    header: columns,
    sum: sumOfErrors,
  },
  cores: {
    heading: 'Real brokers limited to a share of a core',
    says: `${how}\nA control group limits the broker to the stated share of a dedicated core, and its host metrics show that as one core. The JVM has a 2 GB heap\nand compiles once (-XX:ActiveProcessorCount=1 -XX:TieredStopAtLevel=1). A warm-up of 40 s gives the rates of the seven steps: 12 to 60% of what it\nachieved. The disk is not the limit: it writes 2.0 GB/s, a set-up 27 MB/s.\nCPU predictions are less accurate than link predictions, because the cost of a message depends on load (docs/verdict.md).`,
    header: columns,
    sum: sumOfErrors,
  },
  segments: {
    heading: 'Overhead removed at saturation',
    says:
      'Payload and frames of the fullest direction at the limit, over the linear prediction from steps up to two thirds; and the share of\n' +
      'removable frames (beyond full segments with one acknowledgement per two) that was saved.',
    header: [
      '| set-up | direction | payload over prediction | frames over prediction | removable overhead saved | judged |',
      '| --- | --- | ---: | ---: | ---: | --- |',
    ],
  },
  causes: {
    heading: 'Change of the limit when a resource shrinks',
    says:
      'Saturation found by closed-loop senders (`npm run bench -- truth-cause --set-up NAME`): with all resources, at the start and at the end, then\n' +
      'with 10% less link speed, and with 10% less CPU. The limiting resource should cost 10% of the limit, the other nothing.',
    header: [
      '| set-up | link | cores | limited by | limit, msg/s | repeated | with 10% less link | with 10% less CPU |',
      '| --- | --- | ---: | --- | ---: | ---: | ---: | ---: |',
    ],
  },
} as const satisfies Record<string, RowTable>;

/** Messages per second. */
export interface CauseOutcome {
  boundBy: 'link' | 'cores';
  cores: number;
  before: readonly [number, number];
  lessLink: number;
  lessCores: number;
}

export async function keepCauseRow(name: string, { nic }: SetUp, outcome: CauseOutcome): Promise<void> {
  const { boundBy, cores, before, lessLink, lessCores } = outcome;
  const mean = (before[0] + before[1]) / 2;
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
  await keepRow(tables.causes, name, `| ${cells.join(' | ')} |`);
}

/** When a row was judged: a recording that newer code judges again tests no prediction that was made before it was driven. */
export type Judged = 'when driven' | 'again';

export async function keepTruthRow(
  name: string,
  setUp: SetUp,
  outcome: DrivenSetUp,
  { isFull, judged }: { isFull: Fullness; judged: Judged },
): Promise<void> {
  await keepRow(
    setUp.brokerCores === undefined ? tables.links : tables.cores,
    name,
    rowOf(name, setUp, outcome, { isFull, judged }),
  );
  const { whenFull } = outcome;
  if (whenFull === undefined || setUp.brokerCores !== undefined) return;
  const { direction, host, payload, frames, spared } = whenFull;
  const cells = [name, `${direction} of ${host}`, payload.toFixed(3), frames.toFixed(3)];
  const share = spared === undefined ? 'none removable' : percent(spared);
  await keepRow(tables.segments, name, `| ${[...cells, share, judged].join(' | ')} |`);
}

/** @param key first cell of the row */
export async function keepRow({ heading, says, header, sum }: RowTable, key: string, row: string): Promise<void> {
  const before = await readFile(page, 'utf8');
  const section = before.split(/\n(?=## )/).find((part) => part.startsWith(`## ${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !header.includes(line));
  const isSame = (line: string) => line.startsWith(`| ${key} |`);
  const at = rows.findIndex(isSame);
  const kept = at === -1 ? [...rows, row] : rows.with(at, row);
  const made = `Last row at ${await readCommit()} on ${new Date().toISOString()} (${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}); not edited by hand.`;
  const body = [says, ...(sum ? [sum(kept)] : []), made, '', ...header, ...kept].join('\n');
  await writeFile(`${page}.rows`, withSection(before, heading, body));
  await rename(`${page}.rows`, page);
}

export function rowOf(
  name: string,
  setUp: SetUp,
  { carriedTps, fromTwoThirds, fromHalf }: DrivenSetUp,
  { isFull, judged }: { isFull: Fullness; judged: Judged },
): string {
  const brokers =
    setUp.product === 'kafka'
      ? `Kafka ${setUp.version}, ${setUp.brokers}`
      : `RocketMQ ${setUp.version} ${setUp.mode}, ${setUp.requests}`;
  const { predicted } = fromTwoThirds;
  const each = setUp.brokerCores === undefined ? setUp.nic : `${setUp.brokerCores} cores`;
  const cells = [
    name,
    brokers,
    setUp.replicas,
    setUp.groups,
    setUp.messageBytes,
    each,
    figure(carriedTps),
    `${isFull.fullest.direction} of ${isFull.fullest.host} (${percent(isFull.fullest.share)})`,
    predicted ? `${predicted.limit.name} of ${predicted.limit.node} (${percent(isFull.named)})` : 'nothing',
    ...predictionCells(fromTwoThirds, carriedTps),
    ...predictionCells(fromHalf, carriedTps),
    judged,
  ];
  return `| ${cells.join(' | ')} |`;
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

/** Fuller than this a direction is full: a shaped link shows 95 to 100 % of its speed. */
const full = 95;

function sumOfErrors(rows: readonly string[]): string {
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  const filled = cells.filter(([, , , , , , , , , named = '']) => Number(/\((\d+)%\)/.exec(named)?.[1]) >= full);
  const errorsAt = (column: number) =>
    filled
      .map((row) => Math.abs(Number(/([\d.]+)%/.exec(row[column] ?? '')?.[1])))
      .filter(Number.isFinite)
      .toSorted((a, b) => a - b);
  const text = (errors: readonly number[]) =>
    `${median(errors).toFixed(1)}% median, ${errors.at(-1)?.toFixed(1)}% worst`;
  const [ofTwoThirds, ofHalf] = [errorsAt(12), errorsAt(15)];
  if (ofTwoThirds.length === 0 || ofHalf.length === 0) return 'No predicted resource was saturated.';
  return `The predicted resource was saturated in ${filled.length} of ${rows.length}. Error of these: ${text(ofTwoThirds)} from two thirds, ${text(ofHalf)} from half.`;
}
