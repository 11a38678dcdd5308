// Renders the recorded set-ups as tables of docs/truth.md, with their aggregate.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withSection } from '../../../tools/evidence-page.ts';
import { grade, gradeLossOf, measure, type Grade } from './grade.ts';
import { lastRecords, type LimitRecord } from './limit-record.ts';
import { limitSetUps } from './limit-set-ups.ts';
import { slo } from './read-step.ts';
import type { Reported, ReportedAnswer } from './reported.ts';
import { aggregateLines } from './aggregate.ts';

const page = fileURLToPath(new URL('../../../docs/truth.md', import.meta.url));

const heading = 'Limits beyond one known card';
const lossHeading = 'Predicted and measured after losing one broker';

const how = `Each set-up of bench/real-truth/limits/limit-set-ups.ts is driven in steps below its limit, and in steps that go past it
(\`npm run bench -- truth-lab --set-up NAME\`). \`plimsoll analyze\` reports on each run alone. Then short drives test the reported safe
maximum and close in on the highest rate within the SLO: ${100 * slo.achievedShare}% of the rate achieved (acknowledged, read by every group,
copied), p99 of sends at most ${slo.p99Seconds} s, at most ${100 * slo.failedShare}% failed. Useful: the safe maximum over the highest rate within SLO
and policy, where a line through the shares of each card meets the policy limit (the cores are those of the machine, shared with the load generator). Error: of the saturation, against the
median of what steps past the limit achieved (limit driven), or the highest rate within the SLO if that is more. A set-up whose last attempt failed is listed with the reason. Every attempt is kept in records.ndjson beside the
set-ups. The cores are those of the machine, shared by brokers and load generator.`;

const disks = `Disks of known speed: an ext4 on a loop device with direct I/O, whose backing file lies on the disk of the machine; the block I/O
controller (version 1) throttles that disk for the control group of the broker. The loop device hands on the control group of each request
and counts it as in flight meanwhile, so that busy time and waits show the limit (\`dd oflag=dsync bs=1M\` behind 10 MB/s: 10.0 MB/s, busy
96% of the time, 33 ms a write, 1.3 ms without the limit; 200 writes per second: 4.2 s for 500 writes, 2.2 s without). Throttling the loop
device itself holds requests back before they are counted: nothing of it shows. What kernel threads write (journal commits, write-back of
dirty pages) belongs to no control group of version 1 and is not held back: asynchronous flush stays unmeasured. Behind 400 writes per
second, one flush a batch (\`log.flush.interval.messages=1\`), Kafka 4.3.1 sustained 2,925 msg/s at 408 writes per second, the device 60%
busy: what waits for a flush shares the next one, so operations per second bound the latency and not the rate. The set-ups are bound by
bytes per second instead.`;

const header = [
  '| set-up | cause | steps | safe maximum | limit named | saturation | error | in interval | half-width | sustained within SLO | limit driven | useful | safe rate sustained | commit |',
  '| --- | --- | --- | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |',
];
const lossHeader = [
  '| set-up | lost | predicted safe | estimate | measured | error | error of the change | sustained within SLO | limit driven | commit |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
];

export async function writeLimitPage(records: readonly LimitRecord[]): Promise<void> {
  const last = [...lastRecords(records).values()];
  const ofLosses = last.filter(({ name }) => limitSetUps[name]?.loses !== undefined);
  const ofLimits = last.filter((record) => !ofLosses.includes(record));
  const limits = [how, '', disks, '', ...aggregateLines(last), '', ...header, ...ofLimits.flatMap(limitRows)].join(
    '\n',
  );
  const losses = [lossHow, '', ...lossHeader, ...ofLosses.map(lossRow)].join('\n');
  const before = await readFile(page, 'utf8');
  await writeFile(`${page}.limits`, withSection(withSection(before, heading, limits), lossHeading, losses));
  await rename(`${page}.limits`, page);
}

const lossHow = `The run that is analysed has all brokers. Then the broker is killed, and the same load is driven in steps past the new limit.
Measured: the highest rate within the SLO at which every card stays below its policy limit; the cores are those of the machine, shared by all
brokers and the load generator, and are left out (after 2026-11-22T02:30Z in the prediction, too, by a policy limit of 100%). Error: of the estimate, whose lower end is the predicted safe rate; rows without an estimate, recorded before it was kept, show that of the lower end. Error of the change: predicted
after over before, against measured after over before (column added on 2026-11-21, after the first five rows were seen). Rows
after 2026-11-21T22:00Z hold the p99 of one-second samples to the policy, as the analysis does; earlier ones the mean of a step.`;

function limitRows(record: LimitRecord): string[] {
  const setUp = limitSetUps[record.name];
  if (setUp === undefined) return [];
  if (record.kind !== 'limit') return [failedRow(record, header)];
  const measured = measure(record.steps);
  return (['lower', 'past'] as const).map((part) => {
    const reported = record[part];
    const graded = grade(reported, measured, setUp.truth);
    return row([
      record.name,
      setUp.truth.cause,
      part === 'lower' ? 'below the limit' : 'past the limit',
      answerText(reported.safe),
      limitText(reported.safe.limit ?? reported.saturation.limit, graded, suspectsOf(reported)),
      answerText(reported.saturation, reported.saturation.estimateTps),
      signed(graded.error),
      graded.covers === undefined ? '' : graded.covers ? 'yes' : '**no**',
      percent(graded.halfWidth),
      figure(measured.withinSloTps),
      figure(measured.saturationTps),
      percent(graded.useful),
      reported.safe.tps === undefined ? '' : graded.isUnsafe ? '**no**' : 'yes',
      record.commit,
    ]);
  });
}

function lossRow(record: LimitRecord): string {
  if (record.kind !== 'loss') return failedRow(record, lossHeader);
  const { predictedTps, estimateTps, measuredTps, error, changeError } = gradeLossOf(record);
  const { withinSloTps, saturationTps } = measure(record.after);
  return row([
    record.name,
    record.lost,
    predictedTps === undefined ? 'none' : figure(predictedTps),
    estimateTps === undefined ? '' : figure(estimateTps),
    figure(measuredTps),
    signed(error),
    signed(changeError),
    figure(withinSloTps),
    figure(saturationTps),
    record.commit,
  ]);
}

function failedRow(record: LimitRecord, [columns = '']: readonly string[]): string {
  const reason = record.kind === 'failed' ? `failed: ${record.reason}` : 'recorded as another kind';
  const blank = columns.split('|').length - 5;
  return row([record.name, reason, ...Array.from({ length: blank }, () => ''), record.commit]);
}

const answerText = ({ kind, tps, reason }: ReportedAnswer, estimate = tps) =>
  [kind, ...(estimate === undefined ? [] : [figure(estimate)]), ...(reason === undefined ? [] : [`(${reason})`])].join(
    ' ',
  );

const suspectsOf = ({ safe, saturation }: Reported) => (safe.ceiling ?? saturation.ceiling)?.suspects;

function limitText(limit: string | undefined, { named }: Grade, suspects: readonly string[] = []): string {
  if (limit !== undefined) return named === 'right' ? limit : `${limit} (**wrong**)`;
  if (named !== 'cause-unknown') return 'none';
  return suspects.length === 0 ? 'cause unknown' : `cause unknown, perhaps ${suspects.slice(0, 3).join(', ')}`;
}

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll(/[|\n]/g, ' ')).join(' | ')} |`;
const figure = (value: number) => Math.round(value).toLocaleString('en-US');
const percent = (share: number | undefined) => (share === undefined ? '' : `${(100 * share).toFixed(0)}%`);
const signed = (share: number | undefined) =>
  share === undefined ? '' : `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}%`;
