// Defines the description of a load and rejects contradictory options.

import { AppError } from '../../../core/errors.ts';

/** Values by option name, as given; absent if not given. */
export interface DescribedLoad {
  broker?: string;
  mode?: string;
  replicas?: number;
  groups?: number;
  body?: number;
  'topic-length'?: number;
  'group-length'?: number;
  'cluster-name'?: string;
  key?: number;
  headers?: number;
  compression?: number;
  requests?: number;
  'messages-per-pull'?: number;
  'messages-per-transfer'?: number;
  'push-batch'?: number;
  'records-per-batch'?: number;
  'broadcast-members'?: number;
  'delivered-share'?: number;
  'slave-reads'?: number;
  kind?: string;
  client?: string;
  generation?: number;
}

export type OptionName = keyof DescribedLoad;

const wholeNumbers: ReadonlySet<OptionName> = new Set([
  'replicas',
  'groups',
  'body',
  'topic-length',
  'group-length',
  'key',
  'headers',
  'broadcast-members',
]);
const atLeastOne: ReadonlySet<OptionName> = new Set([
  ...(['replicas', 'body', 'topic-length', 'group-length', 'compression', 'requests'] as const),
  ...(['messages-per-pull', 'messages-per-transfer', 'push-batch', 'records-per-batch'] as const),
]);
const shares: ReadonlySet<OptionName> = new Set(['delivered-share', 'slave-reads']);
/** Lengths and counts are signed 32-bit numbers on the wire of both brokers. */
const most = 2 ** 31 - 1;

/** @throws AppError usage for a number that is invalid for this quantity */
export function checkNumbers(given: DescribedLoad): void {
  for (const [name, value] of Object.entries(given) as [OptionName, unknown][]) {
    if (typeof value !== 'number') continue;
    const is = `is ${value}`;
    if (!Number.isFinite(value) || value < 0) throw refusal(name, is, 'give a number that is not negative');
    if (wholeNumbers.has(name) && !Number.isInteger(value)) throw refusal(name, is, 'give a whole number');
    if (wholeNumbers.has(name) && value > most) throw refusal(name, is, `give ${most} or less`);
    if (atLeastOne.has(name) && value < 1) throw refusal(name, is, 'give 1 or more');
    if (shares.has(name) && value > 1) throw refusal(name, is, 'give a share between 0 and 1, such as 0.3');
  }
}

/** @throws AppError usage for followers that the mode does not have */
export function checkReplication(mode: string, replicas: number, given: DescribedLoad): void {
  const others = replicas - 1;
  if (mode === 'single' && others > 0) {
    throw refusal(
      'replicas',
      `is ${replicas}, and a single master has one copy`,
      'give --mode master-slave, dledger or controller',
    );
  }
  if (mode !== 'single' && mode !== 'kraft' && others === 0) {
    throw refusal(
      'replicas',
      `is 1, and ${mode} has at least 2: the master is counted too`,
      'add one, or give --mode single',
    );
  }
  if (given['push-batch'] !== undefined && mode !== 'dledger') {
    throw refusal(
      'push-batch',
      `has no meaning for ${mode}`,
      'it is of --mode dledger; other followers: --messages-per-transfer',
    );
  }
  if (given['messages-per-transfer'] !== undefined && (mode === 'dledger' || others === 0)) {
    const why = mode === 'dledger' ? 'DLedger pushes: --push-batch' : 'there is no follower';
    throw refusal('messages-per-transfer', `has no meaning for ${mode} with ${replicas} copies`, why);
  }
  if ((given['slave-reads'] ?? 0) > 0 && others === 0) {
    throw refusal(
      'slave-reads',
      `is ${given['slave-reads']}, and there is no follower to read from`,
      'omit it, or give more replicas',
    );
  }
}

export const refusal = (name: OptionName, why: string, hint: string) =>
  new AppError('usage', `--${name} ${why}`, { hint });
