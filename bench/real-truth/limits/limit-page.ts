// Renders the recorded set-ups as tables of docs/evidence/truth.md, with totals.

import { keepRows, type EvidenceTable } from '../../../test/support/evidence-table.ts';
import { grade, gradeLossOf, measure, type Grade } from './grade.ts';
import { lastRecords, type LimitRecord } from './limit-record.ts';
import { limitSetUps } from './limit-set-ups.ts';
import { slo } from './read-step.ts';
import type { Reported, ReportedAnswer } from './reported.ts';
import { aggregateLines } from './aggregate.ts';

const how = `Each set-up of bench/real-truth/limits/limit-set-ups.ts is tested with steps below its limit and with steps past it (\`npm run bench -- truth-lab
--set-up NAME\`), and \`plimsoll analyze\` reads each run. Then short tests find the highest rate within the SLO: ${100 * slo.achievedShare}% of the target rate
acknowledged, copied and read by every group, p99 of sends at most ${slo.p99Seconds} s, at most ${100 * slo.failedShare}% failed.

- Error: of the reported saturation against the measured limit. That is the median of what steps past the limit achieved, or the highest rate
  within the SLO, whichever is more.
- Useful: safe maximum divided by the highest rate within SLO and policy.

Brokers and load generator share the cores of the machine, unless the set-up gives the broker one. The table has only rows with a wrong limit, a missed interval or a safe maximum
below 75%, and failed attempts. All attempts: bench/real-truth/limits/records.ndjson.`;

const disks = `A disk of known speed is a loop device with direct I/O, whose disk is throttled for the broker's control group (block I/O controller, version 1).
Writes by kernel threads are not throttled, so asynchronous flush is not measured.`;

const lossHow = `The analyzed run has all brokers. Then one broker is killed, and the load is tested in steps past the new limit. Measured: the highest
rate within the SLO at which the p99 of every card's one-second samples is within the policy; the shared cores are not limited. Error: of the
estimate, or of the lower end if no estimate was recorded.`;

const limits = {
  page: 'docs/evidence/truth.md',
  heading: 'Other limits',
  data: 'evidence/truth/limits.csv',
  columns: [
    { name: 'set-up' },
    { name: 'cause', isHidden: true },
    { name: 'steps' },
    { name: 'safe maximum', isNumber: true },
    { name: 'reported limit' },
    { name: 'saturation', isNumber: true, isHidden: true },
    { name: 'error', isNumber: true },
    { name: 'in interval' },
    { name: 'half-width', isNumber: true, isHidden: true },
    { name: 'highest within SLO', isNumber: true },
    { name: 'measured limit', isNumber: true, isHidden: true },
    { name: 'useful', isNumber: true },
    { name: 'safe rate sustained', isHidden: true },
    { name: 'commit', isHidden: true },
  ],
  isShown: (row) => missesGoal(row) || row[1]?.startsWith('failed') === true,
} as const satisfies Omit<EvidenceTable, 'says'>;
const losses = {
  page: 'docs/evidence/truth.md',
  heading: 'N-1: predicted and measured',
  data: 'evidence/truth/losses.csv',
  says: lossHow,
  columns: [
    { name: 'set-up' },
    { name: 'lost' },
    { name: 'predicted safe', isNumber: true },
    { name: 'estimate', isNumber: true },
    { name: 'measured', isNumber: true },
    { name: 'error', isNumber: true },
    { name: 'error of the change', isNumber: true, isHidden: true },
    { name: 'highest within SLO', isNumber: true, isHidden: true },
    { name: 'measured limit', isNumber: true, isHidden: true },
    { name: 'commit', isHidden: true },
  ],
} as const satisfies EvidenceTable;

/** Column with the safe maximum relative to the highest rate. */
const usefulAt = 11;
/** Required percentage of the highest rate within SLO and policy. */
const leastUseful = 75;

function missesGoal(row: readonly string[]): boolean {
  const useful = Number.parseFloat(row[usefulAt] ?? '');
  return row.some((cell) => cell.includes('**')) || useful < leastUseful;
}

const made = 'Each row names its commit.';

export async function writeLimitPage(records: readonly LimitRecord[]): Promise<void> {
  const last = [...lastRecords(records).values()];
  const ofLosses = last.filter(({ name }) => limitSetUps[name]?.loses !== undefined);
  const ofLimits = last.filter((record) => !ofLosses.includes(record));
  const says = [how, '', disks, '', ...aggregateLines(last), ''].join('\n');
  await keepRows({ ...limits, says }, ofLimits.flatMap(limitRows), made);
  await keepRows(losses, ofLosses.map(lossRow), made);
}

function limitRows(record: LimitRecord): string[][] {
  const setUp = limitSetUps[record.name];
  if (setUp === undefined) return [];
  if (record.kind !== 'limit') return [failedRow(record, limits.columns.length)];
  const measured = measure(record.steps, setUp);
  return (['lower', 'past'] as const).map((part) => {
    const reported = record[part];
    const graded = grade(reported, measured, setUp.truth);
    return [
      record.name,
      setUp.truth.cause,
      part === 'lower' ? 'below' : 'past',
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
    ];
  });
}

function lossRow(record: LimitRecord): string[] {
  if (record.kind !== 'loss') return failedRow(record, losses.columns.length);
  const { predictedTps, estimateTps, measuredTps, error, changeError } = gradeLossOf(record);
  const { withinSloTps, saturationTps } = measure(record.after);
  return [
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
  ];
}

function failedRow(record: LimitRecord, length: number): string[] {
  const reason = record.kind === 'failed' ? `failed: ${record.reason}` : 'recorded as another kind';
  return [record.name, reason, ...Array.from({ length: length - 3 }, () => ''), record.commit];
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

const figure = (value: number) => Math.round(value).toLocaleString('en-US');
const percent = (share: number | undefined) => (share === undefined ? '' : `${(100 * share).toFixed(0)}%`);
const signed = (share: number | undefined) =>
  share === undefined ? '' : `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}%`;
