// Records changes by operators and admins: notes, extra analyses, promotions, load tests, ended sessions; and executes them.

import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { AttentionSubject, partsOf, subjectOf } from '../../core/documents/acknowledgement.ts';
import { incidentsOf } from '../../core/documents/cluster-status.ts';
import { isAtLeast } from '../../core/roles.ts';
import type { Author, HistoryEntry, NewHistoryEntry } from '../../core/documents/history-entry.ts';
import { SetPromotion } from '../../app/config/promotion.ts';
import { clusterNamed, NameParameter } from '../api/resources/cluster-parameter.ts';
import { requestedLoad } from '../load-tests/requested-load.ts';
import type { User } from '../access/access.ts';
import { roleOn } from '../access/roles.ts';
import type { ServiceParts } from '../parts.ts';
import { recordDone } from './record-done.ts';

export type ChangeParts = Pick<
  ServiceParts,
  'history' | 'clusters' | 'schedule' | 'loadTests' | 'statuses' | 'alerts' | 'clock' | 'access'
>;

const longestNote = 2000;
const Note = z.string().min(1).max(longestNote);

export const ChangeRequest = z.discriminatedUnion('what', [
  z.strictObject({
    what: z.literal('annotated'),
    note: Note,
    cluster: NameParameter.optional().describe('absent if it concerns the whole fleet'),
    entry: z
      .number()
      .int()
      .positive()
      .max(999_999_999_999_999)
      .optional()
      .describe('id of the entry that the note is about'),
  }),
  z.strictObject({
    what: z.literal('analysis-asked'),
    cluster: NameParameter,
    job: z.enum(['analysis', 'forecast']).default('analysis'),
    why: Note.optional(),
  }),
  z.strictObject({
    what: z.literal('promotion-set'),
    promotion: SetPromotion.describe('replaces the promotion of the same name, unless that is half a year away'),
    why: Note.optional(),
  }),
  z.strictObject({
    what: z.literal('acknowledged'),
    cluster: NameParameter,
    subject: AttentionSubject,
    hours: z
      .union([z.literal(1), z.literal(4), z.literal(24)])
      .describe('suppressed until the cluster needs attention again'),
    note: Note.optional(),
  }),
  z.strictObject({
    what: z.literal('load-test-started'),
    cluster: NameParameter,
    ...requestedLoad,
  }),
  z.strictObject({ what: z.literal('load-test-stopped'), cluster: NameParameter }),
  z
    .strictObject({
      what: z.literal('sessions-ended'),
      name: NameParameter.describe('name of the person, as listed by /people'),
      why: Note.optional(),
    })
    .describe('only for admins of all clusters'),
]);
export type ChangeRequest = z.output<typeof ChangeRequest>;

/** The user who requests a change, and through which interface. */
export interface Requester {
  user: User;
  through: Author['through'];
}

/**
 * @throws AppError role-missing without the operator role on the cluster, or on all clusters for a change that concerns all, or
 *   without the admin role for sessions; not-found, load-test-refused, workload-invalid, state-unwritable; faults of history writes
 */
export async function recordChange(
  request: ChangeRequest,
  { user, through }: Requester,
  parts: ChangeParts,
): Promise<HistoryEntry> {
  refuseMissingRole(request, user, clusterOf(request, parts));
  const author = { name: user.name, through };
  if (request.what === 'load-test-started') {
    const { what: _, cluster, ...load } = request;
    return loadTestsOf(cluster, parts).start(cluster, load, author);
  }
  if (request.what === 'load-test-stopped') return loadTestsOf(request.cluster, parts).stop(request.cluster, author);
  const change = { kind: 'change', ...changeOf(request, parts) } as const;
  const record = () => parts.history.append(change, author);
  if (request.what === 'sessions-ended') {
    // Ends the sessions first, so that a stolen session ends even if the history cannot be written.
    parts.access.people?.logins.endSessionsOf(request.name);
    return recordDone(`the sessions of ${request.name} are ended`, record);
  }
  const entry = record();
  // Executed only after it is on record.
  if (request.what === 'analysis-asked') parts.schedule.ask(request.job, request.cluster);
  return entry;
}

/** @returns false if the subject no longer exists, for example because a state changed after the page was rendered */
export async function recordIfPresent(...change: Parameters<typeof recordChange>): Promise<boolean> {
  try {
    await recordChange(...change);
    return true;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'not-found') return false;
    throw cause;
  }
}

/** Returns the cluster of the change; for a note about an entry, the cluster of that entry. */
function clusterOf(request: ChangeRequest, { history }: ChangeParts): string | undefined {
  if (request.what === 'promotion-set' || request.what === 'sessions-ended') return undefined;
  if (request.what !== 'annotated' || request.entry === undefined) return request.cluster;
  const about = history.entry(request.entry);
  return about === undefined ? request.cluster : about.cluster;
}

/** Ignores a cluster that the user may not see: the later lookup reports it as unknown. */
function refuseMissingRole({ what }: ChangeRequest, user: User, cluster: string | undefined): void {
  const role = cluster === undefined ? user.role : roleOn(user, cluster);
  if (what === 'sessions-ended') {
    if (role === 'admin') return;
    throw new AppError('role-missing', `${user.name} (${role}) cannot end sessions: only admins of all clusters can`, {
      hint: 'ask an admin of all clusters',
    });
  }
  if (role === undefined || isAtLeast(role, 'operator')) return;
  const where = cluster === undefined ? 'settings of all clusters' : `cluster ${cluster}`;
  throw new AppError('role-missing', `${user.name} (${role}) cannot change ${where}`);
}

/** @throws AppError not-found, load-test-refused */
function loadTestsOf(cluster: string, parts: ChangeParts): NonNullable<ChangeParts['loadTests']> {
  clusterNamed(cluster, parts);
  if (parts.loadTests !== undefined) return parts.loadTests;
  throw new AppError('load-test-refused', 'this service starts no load tests');
}

type NewChange = Extract<NewHistoryEntry, { kind: 'change' }>;
type RecordedOnly = Exclude<ChangeRequest, { what: 'load-test-started' | 'load-test-stopped' }>;

/** @throws AppError not-found */
function changeOf(request: RecordedOnly, parts: ChangeParts): Omit<NewChange, 'kind'> {
  switch (request.what) {
    case 'annotated': {
      const { note, cluster, entry } = request;
      const about = entry === undefined ? undefined : parts.history.entry(entry);
      if (entry !== undefined && about === undefined) throw new AppError('not-found', `no history entry ${entry}`);
      // A note about an entry gets the cluster of that entry.
      const named = about?.cluster ?? (cluster === undefined ? undefined : clusterNamed(cluster, parts).name);
      return defined({ cluster: named, document: defined({ what: 'annotated' as const, after: note, entry }) });
    }
    case 'analysis-asked': {
      const { name } = clusterNamed(request.cluster, parts);
      const isThere = parts.schedule.states().some((job) => job.name === request.job && job.cluster === name);
      if (!isThere) {
        throw new AppError('not-found', `no ${request.job} is made of cluster ${name}`, {
          hint: 'service.clusters in the config names the source of analyses',
        });
      }
      return { cluster: name, ...reason(request), document: { what: 'analysis-asked', after: request.job } };
    }
    case 'acknowledged': {
      const { name } = clusterNamed(request.cluster, parts);
      const { subject, hours, note } = request;
      if (!needsAttention(name, subject, parts)) {
        throw new AppError('not-found', `${subject} of cluster ${name} needs no attention now`, {
          hint: 'nothing to acknowledge: load the page again',
        });
      }
      const until = new Date(parts.clock.now().getTime() + hours * 3_600_000).toISOString();
      return { cluster: name, document: { what: 'acknowledged', ...defined({ subject, until, after: note }) } };
    }
    case 'sessions-ended': {
      const { name } = request;
      if (parts.access.people?.hasSession(name) !== true) {
        throw new AppError('not-found', `${name} has no open session`, {
          hint: '/api/v1/people lists open sessions; logins by password, certificate or proxy have none: revoke them at their source',
        });
      }
      return { ...reason(request), document: { what: 'sessions-ended', after: name } };
    }
    case 'promotion-set':
      return { ...reason(request), document: { what: 'promotion-set', after: JSON.stringify(request.promotion) } };
  }
}

function needsAttention(cluster: string, subject: string, { statuses, alerts, clock }: ChangeParts): boolean {
  const status = statuses.cluster(cluster);
  const { kind, name } = partsOf(subject);
  const isSame = (each: string) => subjectOf(kind, each) === subject;
  switch (kind) {
    case 'state':
      return status !== undefined && incidentsOf([status]).length > 0 && status.state === name;
    case 'lag':
      return (status?.laggingGroups ?? []).some(({ group }) => isSame(group));
    case 'alert':
      return alerts.firing(cluster, clock.now().getTime()).some((alert) => isSame(alert.name));
  }
}

const reason = ({ why }: { why?: string | undefined }) => defined({ why });
