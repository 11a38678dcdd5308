// Renders the recorded set-ups as tables of docs/truth.md, with their aggregate.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withSection } from '../../../tools/evidence-page.ts';
import { grade, gradeLossOf, measure, type Grade } from './grade.ts';
import { lastRecords, type LimitRecord } from './limit-record.ts';
import { limitSetUps } from './limit-set-ups.ts';
import { slo } from './read-step.ts';
import type { ReportedAnswer } from './reported.ts';
import { aggregateLines } from './aggregate.ts';

const page = fileURLToPath(new URL('../../../docs/truth.md', import.meta.url));

const heading = 'Limits beyond one known card';
const lossHeading = 'Predicted and measured after losing one broker';

const how = `Each set-up of bench/real-truth/limits/limit-set-ups.ts is driven in steps below its limit, and in steps that go past it
(\`npm run bench -- truth-lab --set-up NAME\`). \`plimsoll analyze\` reports on each run alone. Then short drives test the reported safe
maximum and close in on the highest rate within the SLO: ${100 * slo.achievedShare}% of the rate achieved (acknowledged, read by every group,
copied), p99 of sends at most ${slo.p99Seconds} s, at most ${100 * slo.failedShare}% failed. Useful: the safe maximum over the highest rate within SLO
and policy, where a line through the shares of each card and core meets the policy limit. Error: of the saturation, against the most
that any step achieved. A set-up whose last attempt failed is listed with the reason. Every attempt is kept in records.ndjson beside the
set-ups. The cores are those of the machine, shared by brokers and load generator.`;

const header = [
  '| set-up | cause | steps | safe maximum | limit named | saturation | error | in interval | half-width | sustained within SLO | most achieved | useful | safe rate sustained | commit |',
  '| --- | --- | --- | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |',
];
const lossHeader = [
  '| set-up | lost | predicted safe | measured | error | sustained within SLO | most achieved | commit |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
];

export async function writeLimitPage(records: readonly LimitRecord[]): Promise<void> {
  const last = [...lastRecords(records).values()];
  const ofLosses = last.filter(({ name }) => limitSetUps[name]?.loses !== undefined);
  const ofLimits = last.filter((record) => !ofLosses.includes(record));
  const limits = [how, '', ...aggregateLines(last), '', ...header, ...ofLimits.flatMap(limitRows)].join('\n');
  const losses = [lossHow, '', ...lossHeader, ...ofLosses.map(lossRow)].join('\n');
  const before = await readFile(page, 'utf8');
  await writeFile(`${page}.limits`, withSection(withSection(before, heading, limits), lossHeading, losses));
  await rename(`${page}.limits`, page);
}

const lossHow = `The run that is analysed has all brokers. Then the broker is killed, and the same load is driven in steps past the new limit.
Measured: the highest rate within the SLO at which every card and core stays below its policy limit.`;

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
      limitText(reported.safe.limit ?? reported.saturation.limit, graded),
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
  const { predictedTps, measuredTps, error } = gradeLossOf(record.lost, record.reported, record.after);
  const { withinSloTps, saturationTps } = measure(record.after);
  return row([
    record.name,
    record.lost,
    predictedTps === undefined ? 'none' : figure(predictedTps),
    figure(measuredTps),
    signed(error),
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

const limitText = (limit: string | undefined, { named }: Grade) =>
  limit === undefined ? 'none' : named === 'right' ? limit : `${limit} (**wrong**)`;

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll(/[|\n]/g, ' ')).join(' | ')} |`;
const figure = (value: number) => Math.round(value).toLocaleString('en-US');
const percent = (share: number | undefined) => (share === undefined ? '' : `${(100 * share).toFixed(0)}%`);
const signed = (share: number | undefined) =>
  share === undefined ? '' : `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}%`;
