// Reads the result of each bundle, and checks that bundles differ in the parameter only.

import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Side } from '../../analyzer/review/ab-test/effect.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';

export const measures = ['safe-max', 'throughput'] as const;
export type Measure = (typeof measures)[number];

export interface Turn {
  side: Side;
  directory: string;
  startedAt?: string;
  /** Absent if the bundle has no result; `missing` has the reason. */
  tps?: number;
  missing?: string;
}

/** Differences that make two runs incomparable. */
const decisive = new RegExp(
  [
    /^(?:broker\.software|broker\.count|topic\.)/,
    /^client\.(?:messageBytes|acks|groups|groupProcessingSeconds|lingerSeconds)$/,
    /^client\.(?:compression|compressionRatio|idempotent|ordered|requests|transactions|delay|keys|mix)$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** @returns turns in order of execution. @throws AppError run-missing and similar; usage if the bundles had different loads */
export async function readTurns(
  bundles: readonly { side: Side; directory: string }[],
  { measure, policy }: { measure: Measure; policy: Policy },
  io: { signal: AbortSignal },
): Promise<{ turns: Turn[]; notices: string[] }> {
  const read = [];
  for (const bundle of bundles) {
    const analysis = await analyzeBundle(bundle.directory, policy, io);
    const { startedAt } = analysis.run;
    read.push({
      analysis,
      turn: { ...bundle, ...(startedAt !== undefined && { startedAt }), ...carried(analysis, measure) },
    });
  }
  const notices = differencesIn(read.map(({ analysis, turn }) => ({ analysis, directory: turn.directory })));
  const turns = read.map(({ turn }) => turn);
  const areTimed = turns.every(({ startedAt }) => startedAt !== undefined);
  if (!areTimed) notices.push('some bundles have no start time: the order of the command line is used');
  return {
    turns: areTimed
      ? turns.toSorted((one, other) => (one.startedAt ?? '').localeCompare(other.startedAt ?? ''))
      : turns,
    notices,
  };
}

function carried({ safeMaxTps, steps }: Analysis, measure: Measure): Pick<Turn, 'tps' | 'missing'> {
  if (measure === 'throughput') {
    const held = steps.flatMap(({ verdict, achievedTps }) =>
      verdict.kind === 'sustained' || verdict.kind === 'saturated' || verdict.kind === 'not-judged' ? achievedTps : [],
    );
    return held.length === 0 ? { missing: 'it has no valid step' } : { tps: Math.max(...held) };
  }
  switch (safeMaxTps.kind) {
    case 'confirmed':
    case 'predicted':
      return { tps: safeMaxTps.estimateTps };
    case 'observed':
      return { tps: safeMaxTps.tps };
    case 'at-least':
      return { missing: `it says only that at least ${Math.round(safeMaxTps.tps)}/s are safe (${safeMaxTps.reason})` };
    case 'unknown':
      return { missing: `its safe maximum is unknown: ${safeMaxTps.missing.map(({ what }) => what).join(', ')}` };
  }
}

function differencesIn(read: readonly { analysis: Analysis; directory: string }[]): string[] {
  const prints = read.map(({ analysis }) => analysis.fingerprint ?? {});
  const keys = [...new Set(prints.flatMap((print) => Object.keys(print)))];
  return keys.flatMap((key) => {
    const values = [...new Set(prints.map((print) => print[key] ?? 'unknown'))];
    if (values.length < 2) return [];
    const difference = `the bundles differ in ${key}: ${values.join(', ')}`;
    if (decisive.test(key)) {
      throw new AppError('usage', difference, {
        hint: 'runs that differ in more than the parameter cannot show its effect',
      });
    }
    return [`${difference}; its effect is attributed to the parameter`];
  });
}
