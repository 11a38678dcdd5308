// Returns what a changed cluster could sustain, from its last load test.

import { z } from 'zod';
import { acksValues, quantityBounds, type Alternative } from '../../../analyzer/planning/what-if/alternative.ts';
import { Analysis, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { AlternativeLimit, CarriedQuantity } from '../../../core/documents/what-if.ts';
import { AppError } from '../../../core/errors.ts';
import { carryOver } from '../../calculation/tested-cluster.ts';
import { operation, schemaVersion, type ApiParts } from '../operation.ts';
import { shown } from '../read-request.ts';
import { clusterNamed, clusterParameter } from './cluster-parameter.ts';
import { defined } from '../../../core/defined.ts';

/** Same bounds as in `plimsoll analyze --what-if`. */
const within = (number: z.ZodNumber, quantity: keyof typeof quantityBounds) =>
  number.min(quantityBounds[quantity].least).max(quantityBounds[quantity].most).optional();
const whole = z.number().int();

const alternativeParameters = {
  messageBytes: within(whole, 'messageBytes').describe('message body'),
  groups: within(whole, 'groups').describe('consumer groups that read every message'),
  replicas: within(whole, 'replicas').describe('copies of a message, leader included'),
  acks: z.enum(acksValues).optional(),
  compression: within(z.number(), 'compression').describe('compressed size divided by uncompressed size'),
  nic: within(z.number(), 'nic').describe('bits per second of the network card of each broker'),
  disks: within(whole, 'disks').describe('data disks of each broker'),
  brokers: within(whole, 'brokers').describe('number of brokers (RocketMQ: masters)'),
};

export const whatIf = operation({
  path: '/clusters/{cluster}/what-if',
  id: 'getWhatIf',
  summary: 'Capacity of the cluster with other messages, groups, copies or hosts, computed from its last load test.',
  parameters: clusterParameter,
  query: alternativeParameters,
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    test: z.number().int().positive().describe('id of the history entry that the result is computed from'),
    measured: z.strictObject({ safeMaxTps: SafeMaxTps, binding: Analysis.shape.binding }),
    alternative: z.strictObject(alternativeParameters),
    safeMaxTps: SafeMaxTps,
    binding: Analysis.shape.binding.unwrap(),
    limits: z
      .array(AlternativeLimit)
      .describe('rate at which each resource of each broker reaches its policy limit, lowest first'),
    carried: z.array(CarriedQuantity).describe('how each quantity was converted'),
  }),
  madeOf: 'moment',
  faults: ['not-found', 'service-busy', 'calculation-too-long'],

  async answerTo({ path, query, signal }, parts) {
    const { name } = clusterNamed(path.cluster, parts);
    const { test, answer } = await carriedOver(name, defined(query), parts, signal);
    const { safeMaxTps, binding } = test.document;
    return {
      schemaVersion,
      test: test.id,
      measured: { safeMaxTps, ...(binding !== undefined && { binding }) },
      alternative: answer.alternative,
      safeMaxTps: answer.safeMaxTps,
      binding: answer.binding,
      limits: [...answer.limits],
      carried: [...answer.carried],
    };
  },
});

/** @throws AppError request-invalid for an impossible change, not-found if no run is available */
async function carriedOver(cluster: string, alternative: Alternative, parts: ApiParts, signal: AbortSignal) {
  try {
    const found = await carryOver(cluster, [alternative], parts, signal);
    const [answer] = found?.answers ?? [];
    if (found !== undefined && answer !== undefined) return { test: found.test, answer };
  } catch (cause) {
    throw asRequestFault(cause);
  }
  throw new AppError('not-found', `no run of a load test of cluster ${shown(cluster)} can be read`, {
    hint: '`plimsoll history add RUN` records a load test and its run folder',
  });
}

/** Same text as in the command, whose options are the same quantities. */
function asRequestFault(cause: unknown): Error {
  if (!(cause instanceof AppError) || cause.code !== 'usage') return cause as Error;
  return new AppError('request-invalid', cause.message.replace(/^--what-if: /, ''), { hint: cause.hint, cause });
}
