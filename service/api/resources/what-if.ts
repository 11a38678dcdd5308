// What would a cluster carry that differs from the one that was tested? Its last load test, carried over.

import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Alternative } from '../../../analyzer/what-if/alternative.ts';
import type { WhatIf } from '../../../analyzer/what-if/what-if.ts';
import { Analysis, SafeMaxTps } from '../../../core/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import type { LedgerEntry } from '../../../core/ledger-entry.ts';
import { operation, schemaVersion, type ApiParts } from '../operation.ts';
import { shown } from '../read-request.ts';
import { clusterNamed, clusterParameter } from './cluster-parameter.ts';

/** Tests that are looked through for one whose run can still be read. */
const mostTests = 20;

/** Bounds as `plimsoll analyze --what-if` has them. */
export const alternativeParameters = {
  messageBytes: z.number().int().min(1).max(1_073_741_824).optional().describe('body of a message'),
  groups: z.number().int().min(0).max(1000).optional().describe('consumer groups that read every message'),
  replicas: z.number().int().min(1).max(15).optional().describe('all copies of a message'),
  acks: z.enum(['all', 'leader', 'none']).optional(),
  compression: z.number().min(0.02).max(1).optional().describe('packed over plain'),
  nic: z.number().min(1e6).max(1e12).optional().describe("bits per second of every broker's card"),
  disks: z.number().int().min(1).max(100).optional().describe('data disks of every broker'),
  brokers: z.number().int().min(1).max(1000).optional().describe('brokers, or masters of RocketMQ'),
};

const Value = z.union([z.number(), z.string()]);

export const whatIf = operation({
  method: 'get',
  path: '/clusters/{cluster}/what-if',
  id: 'getWhatIf',
  summary: 'What the cluster would carry with other messages, groups, copies or machines, from its last load test.',
  parameters: clusterParameter,
  query: alternativeParameters,
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    test: z.number().int().positive().describe('id of the entry that was carried over'),
    measured: z.strictObject({ safeMaxTps: SafeMaxTps, binding: Analysis.shape.binding }),
    alternative: z.strictObject(alternativeParameters),
    safeMaxTps: SafeMaxTps,
    binding: Analysis.shape.binding.unwrap(),
    carried: z
      .array(
        z.strictObject({
          quantity: z.string(),
          from: Value.optional().describe('as measured; absent where the run does not tell'),
          to: Value,
          how: z.string(),
          extrapolates: z.boolean().describe('beyond what was measured: by assumption'),
        }),
      )
      .describe('how each quantity was carried over'),
  }),
  madeOf: 'moment',
  faults: ['not-found', 'service-busy', 'calculation-too-long'],

  async answerTo({ path, query, signal }, parts) {
    const { name } = clusterNamed(path.cluster, parts);
    const alternative = Object.fromEntries(
      Object.entries(query).filter(([, value]) => value !== undefined),
    ) as Alternative;
    const { test, answer } = await carriedOver(name, alternative, parts, signal);
    const { safeMaxTps, binding } = test.document;
    return {
      schemaVersion,
      test: test.id,
      measured: { safeMaxTps, ...(binding !== undefined && { binding }) },
      alternative: answer.alternative,
      safeMaxTps: answer.safeMaxTps,
      binding: answer.binding,
      carried: [...answer.carried],
    };
  },
});

type Test = Extract<LedgerEntry, { kind: 'test' }>;

/** @throws AppError request-invalid for what cannot be, not-found where no run is left */
async function carriedOver(
  cluster: string,
  alternative: Alternative,
  { ledger, calculator, policy }: ApiParts,
  signal: AbortSignal,
): Promise<{ test: Test; answer: WhatIf }> {
  for (const test of ledger.entries({ cluster, kinds: ['test'], limit: mostTests })) {
    // Only folders that somebody at this machine wrote into the ledger are opened.
    if (test.kind !== 'test' || test.by.through === 'api' || !isAbsolute(test.evidence ?? '')) continue;
    try {
      const question = { kind: 'what-if', run: test.evidence ?? '', policy, alternatives: [alternative] } as const;
      const [answer] = await calculator.ask(question, { signal });
      if (answer !== undefined) return { test, answer };
    } catch (cause) {
      if (!isOfRun(cause)) throw inOurWords(cause);
    }
  }
  throw new AppError('not-found', `no run of a load test of cluster ${shown(cluster)} can be read`, {
    hint: '`plimsoll ledger add RUN` records a load test with its folder',
  });
}

/** A run that is gone or damaged: an older one may do. */
const isOfRun = (cause: unknown) => cause instanceof AppError && cause.code.startsWith('run-');

/** The words are those of the command, which has the same quantities as an option. */
function inOurWords(cause: unknown): Error {
  if (!(cause instanceof AppError) || cause.code !== 'usage') return cause as Error;
  return new AppError('request-invalid', cause.message.replace(/^--what-if: /, ''), { hint: cause.hint, cause });
}
