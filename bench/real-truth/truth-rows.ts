// How is a set-up kept in docs/truth.md? One row each in the table of its kind; a later run of it takes the place of an earlier one.

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
  '| set-up | brokers | copies | groups | bytes | each | limit driven, msg/s | what was full | named | steps to | predicted | off | steps to | predicted | off | judged |',
  '| --- | --- | ---: | ---: | ---: | --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
];
const how =
  'Steps are driven, a limit is predicted from those of at most two thirds of it and again from those of at most half, and then the same\n' +
  'cluster is driven into it (`npm run bench -- truth-lab --set-up NAME`). What it carried is what was acknowledged, copied and read by every\n' +
  'group; where it carries less than it could, since consumers, copies or buffers took the room, the rate between is halved three times, and\n' +
  'the most of any drive is its limit. What was full is of the drive that filled most.\n' +
  'Steps to: the highest step over that. Flagged: said to lie far beyond what was tested. The last run of each set-up stands here; every run\n' +
  'is under Attempts. Judged: when it was driven, or again by newer code from the recording of an earlier run (`--again`): such a row is no\n' +
  'test of a prediction made beforehand.';
const ofLinks =
  'Above 100 % a link let more through than its speed. What segments spare once a card is full (docs/verdict.md) was taken from\n' +
  'rocketmq-4-single, rocketmq-5-master-slave and founding as they were driven until 2026-11-20T21:54Z; the others had no part in it. Where\n' +
  'three Kafka brokers are driven, the load generator has three times their card: one that all of them fill is full before theirs.';
const tables = {
  links: {
    heading: 'Real brokers behind links of known speed',
    says: `${how}\n${ofLinks}`,
    header: columns,
    sum: sumOfErrors,
  },
  cores: {
    heading: 'Real brokers held to a share of a core',
    says: `${how}\nA control group gives the broker so much of a separate core, and its host shows that as one core; what generates the load works on\nthe others. Its JVM knows of one core, has a heap of 2 GB and compiles once (-XX:ActiveProcessorCount=1 -XX:TieredStopAtLevel=1): otherwise\nit is busy with that for minutes, and a message costs less and less. Before the steps it is driven for 40 s, which also gives their rates:\nseven at 12 to 60 % of what it carried then (until 2026-11-21T22:00Z five at fixed rates).\nNone of these is bound by its disk: that of the machine takes 2.0 GB/s (\`dd if=/dev/zero of=FILE bs=1M count=3000 oflag=direct\`), and a\nset-up that fills a core writes 27 MB/s; what a control group holds back waits before the device, whose busy time shows nothing of it.\nCores are predicted worse than links, since what a message costs there is no constant: RocketMQ 5.3.3 took 0.55 of its core at an eighth of\nits limit (0.2 without a message), and Kafka more for each towards its own. Attempts before 2026-11-21T10:20Z measured the harness too: a\nquarter of a core by quota, steps at a rate and senders that wait for the limit on Kafka, a heap of 256 MB, other work on the core.`,
    header: columns,
    sum: sumOfErrors,
  },
  segments: {
    heading: 'What changes when a card is full',
    says:
      'Of the set-ups above: payload and frames of the fullest direction when driven, over what a line through the steps of at most two\n' +
      'thirds says of that rate; and of the frames beyond full segments, with an acknowledgement for two of them the other way, the share that\n' +
      'went away.',
    header: [
      '| set-up | direction | payload over its line | frames over theirs | of what full segments spare | judged |',
      '| --- | --- | ---: | ---: | ---: | --- |',
    ],
  },
  causes: {
    heading: 'Is what is named the cause?',
    says:
      'The limit of a broker with a core, or a share of one, of its own, found by senders that wait (`npm run bench -- truth-cause --set-up NAME`):\n' +
      'with all it has, driven at the beginning and again at the end, and with a tenth less of the link, and of the cores. Each in a cluster of its\n' +
      'own. A tenth less of what binds is to cost a tenth of the limit, and of the other nothing.',
    header: [
      '| set-up | link | cores | bound by | limit, msg/s | again | with a tenth less of the link | of the cores |',
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
  const cells = [name, nic, cores, `its ${boundBy}`, ...before.map(figure), moved(lessLink), moved(lessCores)];
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
  const share = spared === undefined ? 'nothing to spare' : percent(spared);
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
    `${off < 0 ? '−' : '+'}${Math.abs(off).toFixed(1)} %`,
  ];
}

const figure = (value: number) => Math.round(value).toLocaleString('en-US');
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** Fuller than this a direction is full: a shaped link shows 95 to 100 % of its speed. */
const full = 95;

function sumOfErrors(rows: readonly string[]): string {
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  const filled = cells.filter(([, , , , , , , , , named = '']) => Number(/\((\d+) %\)/.exec(named)?.[1]) >= full);
  const errorsAt = (column: number) =>
    filled
      .map((row) => Math.abs(Number(/([\d.]+) %/.exec(row[column] ?? '')?.[1])))
      .filter(Number.isFinite)
      .toSorted((a, b) => a - b);
  const text = (errors: readonly number[]) =>
    `${median(errors).toFixed(1)} % median and ${errors.at(-1)?.toFixed(1)} % worst`;
  const [ofTwoThirds, ofHalf] = [errorsAt(12), errorsAt(15)];
  if (ofTwoThirds.length === 0 || ofHalf.length === 0) return 'None was full where it was said to be.';
  return `Full where it was said to be: ${filled.length} of ${rows.length}; of these off by ${text(ofTwoThirds)} from two thirds, ${text(ofHalf)} from half.`;
}
