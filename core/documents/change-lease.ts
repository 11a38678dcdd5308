// Defines the lease document that marks a cluster as being changed, and parses its stored form.

import { z } from 'zod';
import { parseJson } from '../text/parse-json.ts';

export const leaseVersion = 1;

/** A lease expires if a reader sees the same heartbeat for this long on its own monotonic clock. */
export const leaseExpirySeconds = 60;

export const PlacedBy = z
  .strictObject({ startedAt: z.iso.datetime().describe('of its journal'), by: z.string() })
  .describe('last reassignment of the cluster: an earlier one no longer continues');
export type PlacedBy = z.infer<typeof PlacedBy>;

export const ChangeLease = z.strictObject({
  schemaVersion: z.literal(leaseVersion),
  id: z.string().min(1).describe('id of one acquisition: the same operator gets another one next time'),
  owner: z.string().describe('user name of the operator'),
  host: z.string().describe('machine or container where the command runs'),
  startedAt: z.iso.datetime(),
  heartbeatAt: z.iso.datetime().describe('clock of the owner; expiry does not depend on it'),
  heartbeat: z.int().nonnegative().describe('counts renewals; a lease whose counter no longer changes has expired'),
  change: z.string().describe('such as reassign'),
  subject: z.string().describe('broker, topic or group that is being changed'),
  placedBy: PlacedBy.optional(),
});
export type ChangeLease = z.infer<typeof ChangeLease>;

const ReleasedLease = z.strictObject({ schemaVersion: z.literal(leaseVersion), placedBy: PlacedBy });

/** Content of the store after a release: empty if no reassignment is known. */
export const releasedText = (placedBy: PlacedBy | undefined): string =>
  placedBy === undefined ? '' : JSON.stringify({ schemaVersion: leaseVersion, placedBy });

type LeaseText =
  | { kind: 'free'; placedBy?: PlacedBy }
  | { kind: 'lease'; lease: ChangeLease }
  /** Written by another version, or not by Plimsoll. */
  | { kind: 'unreadable'; reason: string };

/** @param text content of the store; empty or absent if the lease is free */
export function readLeaseText(text: string | undefined): LeaseText {
  if (text === undefined || text === '') return { kind: 'free' };
  const document = parseJson(text);
  if (document === undefined) return { kind: 'unreadable', reason: 'it is not JSON' };
  const { schemaVersion } = z
    .looseObject({ schemaVersion: z.unknown() })
    .catch({ schemaVersion: undefined })
    .parse(document);
  if (schemaVersion !== leaseVersion) {
    return {
      kind: 'unreadable',
      reason: `its version is ${JSON.stringify(schemaVersion) ?? 'missing'}, and this Plimsoll reads version ${leaseVersion}`,
    };
  }
  const released = ReleasedLease.safeParse(document);
  if (released.success) return { kind: 'free', placedBy: released.data.placedBy };
  const parsed = ChangeLease.safeParse(document);
  if (parsed.success) return { kind: 'lease', lease: parsed.data };
  const [issue] = parsed.error.issues;
  return { kind: 'unreadable', reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}` };
}

/** @returns such as `alice on ops-1 (reassign of all topics, since 2026-11-21T10:00:00.000Z)` */
export const leaseText = ({ owner, host, change, subject, startedAt }: ChangeLease): string =>
  `${owner} on ${host} (${change} of ${subject}, since ${startedAt})`;
