// Reads what `plimsoll analyze --json` reports of a run. Unknown keys are kept out, so that kinds of limits may be added to the contract.

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
  /** Such as `network-out of 1`. */
  limit: z.string().optional(),
  reason: z.string().optional(),
  /** Where throughput stopped growing for an unknown cause, and what it may be, likeliest first. */
  ceiling: z.strictObject({ tps: z.number(), suspects: z.array(z.string()) }).optional(),
});
export type ReportedAnswer = z.infer<typeof ReportedAnswer>;

export const Reported = z.strictObject({
  safe: ReportedAnswer,
  saturation: ReportedAnswer,
  /** Codes of findings that are not mere information. */
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

/** Answered, unknown, and an invalid run: each is a report. */
const answers = [0, 3, 4];

/** @param config file with the policy, where it is not the default */
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

/** The limit first, then whose it is: `{ resource: 'network-out', node: '1' }` is `network-out of 1`. */
const textOf = (limit: Record<string, unknown>) => Object.values(limit).map(String).join(' of ');
