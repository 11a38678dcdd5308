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

const heading = 'Other limits';
const lossHeading = 'N-1: predicted and measured';

const how = `Each set-up of bench/real-truth/limits/limit-set-ups.ts is tested in steps below its limit and in steps past it (\`npm run bench -- truth-lab
--set-up NAME\`). \`plimsoll analyze\` reports on each run separately. Then short tests find the highest rate within the SLO: ${100 * slo.achievedShare}% of the target rate
acknowledged, copied and read by every group, p99 of sends at most ${slo.p99Seconds} s, at most ${100 * slo.failedShare}% failed.

- Error: of the reported saturation, against the measured limit: the median that steps past the limit achieved, or the highest rate within the
  SLO, whichever is more.
- Useful: safe maximum over the highest rate within SLO and policy.
- A set-up whose last attempt failed is listed with its reason. All attempts: bench/real-truth/limits/records.ndjson.
- Brokers and load generator share the cores of the machine.`;

const disks = `Disks with a known speed are loop devices with direct I/O; the block I/O controller (version 1) throttles the disk below for the
broker's control group. The loop device counts waiting requests as in flight, so busy time and waits show the limit (behind 10 MB/s: 10.0 MB/s, busy
96% of the time, 33 ms per write). Writes by kernel threads are not throttled, so asynchronous flush is not measured.`;

const header = [
  '| set-up | cause | steps | safe maximum | reported limit | saturation | error | in interval | half-width | highest within SLO | measured limit | useful | safe rate sustained | commit |',
  '| --- | --- | --- | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |',
];
const lossHeader = [
  '| set-up | lost | predicted safe | estimate | measured | error | error of the change | highest within SLO | measured limit | commit |',
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

const lossHow = `The analyzed run has all brokers. Then one broker is killed, and the load is tested in steps past the new limit. Measured: the highest
rate within the SLO at which the p99 of every card's one-second samples is within the policy; the shared cores are not limited. Error: of the
estimate, or of the lower end where no estimate was recorded. Error of the change: predicted after over before, against measured.`;

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
