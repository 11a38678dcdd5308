// Reads the verdicts to compare, from runs or files of `analyze --json`, and prints their differences.

import { stat } from 'node:fs/promises';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import type { VerdictComparison } from '../../analyzer/review/compare/compare-verdicts.ts';
import type { Drift } from '../../analyzer/evidence/fingerprint.ts';
import { lossGradeText } from '../../dashboards/reports/analysis/loss-text.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { percentText, rateText } from '../../core/text/quantity-text.ts';
import { Analysis, type SafeMaxTps } from '../../core/documents/analysis.ts';
import { safeTpsOf } from '../../core/documents/safe-tps.ts';
import { AppError } from '../../core/errors.ts';
import { readBounded } from '../files/read-bounded.ts';

/** An analysis is a file; a run is a folder. */
export async function isAnalysisFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** @throws AppError run-unreadable if a file is not an analysis; errors of analysing a run */
export async function readVerdict(
  path: string,
  { policy, signal }: { policy: Policy; signal: AbortSignal },
): Promise<Analysis> {
  if (!(await isAnalysisFile(path))) return analyzeBundle(path, policy, { signal });
  const parsed = Analysis.safeParse(parseJson(path, await readBounded(path, { signal }, { fault: 'run-unreadable' })));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw notAnAnalysis(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notAnAnalysis(path, (cause as Error).message);
  }
}

const notAnAnalysis = (path: string, why: string) =>
  new AppError('usage', `${path} is not an analysis: ${why}`, {
    hint: 'give the folder of a run, or the output of `plimsoll analyze RUN --json`',
  });

const findingTexts = {
  worse: 'lower for B',
  better: 'higher for B',
  'no-difference-seen': 'no difference seen',
  'not-comparable': 'not comparable: the limit of one is unknown',
} as const satisfies Record<VerdictComparison['finding'], string>;

export function verdictLines({ finding, a, b, difference, limits, drift, lossGrade }: VerdictComparison): string[] {
  const by =
    difference === undefined
      ? ''
      : `, ${signed(difference.ratio)} (${signed(difference.low)} to ${difference.high === undefined ? 'open' : signed(difference.high)})`;
  return [
    `safe maximum: ${findingTexts[finding]}${by}: B ${safeMaxText(b)}, A ${safeMaxText(a)}`,
    ...(limits ? [`  bottleneck: ${limitText(limits.b)} of B, ${limitText(limits.a)} of A`] : []),
    ...(lossGrade ? [`prediction of A: ${lossGradeText(lossGrade)}`] : []),
    ...driftLines(drift),
  ];
}

export function driftLines(drift: readonly Drift[]): string[] {
  if (drift.length === 0) return [];
  return [
    'verdict-expired: settings differ, so the answer of A does not hold for B',
    ...drift.map(({ setting, a = 'unknown', b = 'unknown' }) => `  ${setting}: ${a} → ${b}`),
  ];
}

const signed = (share: number) => `${share > 0 ? '+' : ''}${percentText(share)}`;

function safeMaxText(safe: SafeMaxTps): string {
  const tps = safeTpsOf(safe);
  if (tps === undefined) return 'unknown';
  return `${safe.kind === 'at-least' ? 'at least ' : ''}${rateText(tps)}`;
}
