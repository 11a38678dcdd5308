// Reads the report of `plimsoll analyze --json`. Ignores unknown keys, so that the contract may add kinds of limits.

import { z } from 'zod';
import { defined } from '../../../core/defined.ts';
import type { BenchIo } from '../../bench.ts';
import { runPlimsoll } from '../../plimsoll-command.ts';

const Bounds = z.object({ low: z.number(), high: z.number().optional() });

const Answer = z.object({
  kind: z.string(),
  tps: z.number().optional(),
  estimateTps: z.number().optional(),
  interval: Bounds.optional(),
  limitedBy: z.record(z.string(), z.unknown()).optional(),
  reason: z.string().optional(),
  ceiling: z.object({ tps: z.number(), suspects: z.array(z.record(z.string(), z.unknown())) }).optional(),
});

const Document = z.object({
  safeMaxTps: Answer,
  saturationTps: Answer,
  findings: z.array(z.object({ code: z.string(), severity: z.string() })),
  withoutOne: z
    .array(
      z.object({
        id: z.string(),
        tps: z.number(),
        estimateTps: z.number().optional(),
        interval: Bounds.optional(),
        limitedBy: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

const ReportedAnswer = z.strictObject({
  kind: z.string(),
  tps: z.number().optional(),
  estimateTps: z.number().optional(),
  low: z.number().optional(),
  high: z.number().optional(),
  /** Limit, such as `network-out of 1`. */
  limit: z.string().optional(),
  reason: z.string().optional(),
  /** Present if throughput stopped growing for an unknown cause, with possible causes, most likely first. */
  ceiling: z.strictObject({ tps: z.number(), suspects: z.array(z.string()) }).optional(),
});
export type ReportedAnswer = z.infer<typeof ReportedAnswer>;

export const Reported = z.strictObject({
  safe: ReportedAnswer,
  saturation: ReportedAnswer,
  /** Codes of findings other than pure information. */
  findings: z.array(z.string()),
  withoutOne: z
    .array(
      z.strictObject({
        id: z.string(),
        tps: z.number(),
        estimateTps: z.number().optional(),
        limit: z.string().optional(),
      }),
    )
    .optional(),
});
export type Reported = z.infer<typeof Reported>;

/** Exit codes with a report: answered, unknown, and an invalid run. */
const answers = [0, 3, 4];

/** @param config file with the policy, if it is not the default */
export async function readReported(
  bundle: string,
  io: Pick<BenchIo, 'stderr' | 'signal'>,
  config?: string,
): Promise<Reported> {
  const policy = config === undefined ? [] : ['--config', config];
  const text = await runPlimsoll(['analyze', bundle, '--json', ...policy], io, answers);
  const { safeMaxTps, saturationTps, findings, withoutOne } = Document.parse(JSON.parse(text));
  return {
    safe: answerOf(safeMaxTps),
    saturation: answerOf(saturationTps),
    findings: [...new Set(findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code))],
    ...(withoutOne && {
      withoutOne: withoutOne.map(({ id, tps, estimateTps, limitedBy }) =>
        defined({ id, tps, estimateTps, limit: limitedBy && textOf(limitedBy) }),
      ),
    }),
  };
}

const answerOf = (answer: z.infer<typeof Answer>): ReportedAnswer => {
  const { kind, tps, estimateTps, interval, limitedBy, reason, ceiling } = answer;
  return defined({
    kind,
    tps,
    estimateTps,
    low: interval?.low,
    high: interval?.high,
    limit: limitedBy && textOf(limitedBy),
    reason,
    ceiling: ceiling && { tps: ceiling.tps, suspects: ceiling.suspects.map(textOf) },
  });
};

/** Formats the limit, then its node: `{ resource: 'network-out', node: '1' }` is `network-out of 1`. */
const textOf = (limit: Record<string, unknown>) => Object.values(limit).map(String).join(' of ');
