// Lists non-default settings of a run's workload for sending and consuming: the client part of a fingerprint.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RunDescription } from './load-test-run.ts';

/** Options of a workload that change its load, with their defaults. */
const defaults = {
  compression: 'none',
  compressionRatio: undefined,
  idempotent: false,
  ordered: false,
  requests: undefined,
  transactions: undefined,
  delay: undefined,
  keys: 'none',
  mix: undefined,
} as const satisfies Record<string, unknown>;

/** In base units, as in run.json. */
const GroupsWithWork = z.array(z.looseObject({ processing: z.number().default(0) }));

/** @returns keys and values of non-default settings only, so that runs without a setting have no such key */
export function sendingSettings({ resume }: Pick<RunDescription, 'resume'>): [string, string][] {
  const workload = resume?.workload ?? {};
  const set = Object.entries(defaults).flatMap(([key, usual]): [string, string][] => {
    const value = workload[key];
    return value === undefined || value === usual ? [] : [[`client.${key}`, textOf(value)]];
  });
  const groups = GroupsWithWork.safeParse(workload['groups']).data ?? [];
  if (groups.every(({ processing }) => processing === 0)) return set;
  return [...set, ['client.groupProcessingSeconds', groups.map(({ processing }) => processing).join(', ')]];
}

/** Sizes and keys of a captured topic have thousands of bands, so the digest of long values is compared. */
const longest = 200;

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= longest ? text : `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}
