// Serves the members of a consumer group as JSON at /api/groups, read on request.

import { Router, type Request, type Response } from 'express';
import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup, GroupMember, GroupMembers } from '../../brokers/lookup.ts';
import { untilAborted } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { isAllowed } from '../name-filter.ts';
import type { ShownNames } from '../shown-snapshot.ts';

export interface GroupCluster {
  /** Names hidden on the page are hidden here too. */
  shown: ShownNames;
  open(io: Io): Promise<ClusterLookup>;
}

/** On RocketMQ each request queries dozens of clients through their brokers. */
const mostAtOnce = 2;
const patienceMs = 10_000;
/** Larger groups are truncated; ten thousand members are a configuration error. */
const mostMembers = 1000;

type Status = 400 | 404 | 502 | 503;

export function createGroupsRouter(clusters: ReadonlyMap<string, GroupCluster>): Router {
  let underWay = 0;
  const router = Router();
  router.get('/api/groups', async (request, response) => {
    const wanted = readQuestion(request, clusters);
    if (wanted instanceof AppError) return refuse(response, wanted.code === 'usage' ? 400 : 404, wanted);
    if (underWay >= mostAtOnce) {
      response.set('Retry-After', '1');
      const busy = `more than ${mostAtOnce} group lookups at the same time`;
      return refuse(response, 503, new AppError('usage', busy, { hint: 'try again in a second' }));
    }
    underWay++;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const io = { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(patienceMs)]) };
      response.json(documentOf(wanted, await untilAborted(lookUp(wanted, io), io.signal)));
    } catch (cause) {
      if (!gone.signal.aborted) refuse(response, 502, faultOf(cause, wanted));
    } finally {
      underWay--;
    }
  });
  return router;
}

interface Question {
  cluster: string;
  group: string;
  at: GroupCluster;
}

function readQuestion({ query }: Request, clusters: ReadonlyMap<string, GroupCluster>): Question | AppError {
  const { cluster, group } = query;
  if (typeof cluster !== 'string' || typeof group !== 'string' || group === '') {
    return new AppError('usage', '/api/groups needs one cluster and one group', {
      hint: 'such as /api/groups?cluster=prod&group=billing',
    });
  }
  const at = clusters.get(cluster);
  if (at === undefined) {
    const known = [...clusters.keys()];
    return new AppError('not-found', `unknown cluster ${JSON.stringify(cluster)}`, {
      hint: meantHint(cluster, known, `configured are: ${known.join(', ')}`),
    });
  }
  if (isAllowed(group, at.shown.groups)) return { cluster, group, at };
  return new AppError('not-found', `group ${JSON.stringify(group)} of cluster ${cluster} is not shown`, {
    hint: 'exporter.everyCluster.groups or exporter.clusters.<name>.groups leaves it out',
  });
}

async function lookUp({ group, at }: Question, io: Io): Promise<GroupMembers> {
  await using lookup = await at.open(io);
  return await lookup.members(group, io);
}

function documentOf({ cluster, group, at }: Question, { assignor, members, notices }: GroupMembers): object {
  const beyond = members.length - mostMembers;
  return {
    schemaVersion: 1,
    cluster,
    group,
    ...(assignor !== undefined && { assignor }),
    members: members.slice(0, mostMembers).map((member) => shownMember(member, at.shown)),
    notices: [...notices, ...(beyond > 0 ? [`${beyond} more members are not listed`] : [])],
  };
}

/** Hides topics that the config hides, also in the subscriptions of a member. */
export function shownMember(
  { subscriptions, assigned, consumption, ...member }: GroupMember,
  { topics }: ShownNames,
): GroupMember {
  const isShown = (topic: string) => isAllowed(topic, topics);
  return {
    ...member,
    ...(subscriptions && {
      subscriptions: Object.fromEntries(Object.entries(subscriptions).filter(([topic]) => isShown(topic))),
    }),
    ...(assigned && { assigned: assigned.filter(({ topic }) => isShown(topic)) }),
    ...(consumption && { consumption: consumption.filter(({ topic }) => isShown(topic)) }),
  };
}

function faultOf(cause: unknown, { cluster, group }: Question): AppError {
  if (cause instanceof AppError) return cause;
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  const reason = isLate ? `no answer within ${patienceMs / 1000} s` : String(cause);
  const code = isLate ? 'broker-unreachable' : 'unexpected';
  return new AppError(code, `cannot look up group ${group} of cluster ${cluster}: ${reason}`, { cause });
}

function refuse(response: Response, status: Status, { code, message, hint }: AppError): void {
  response.status(status).json({ schemaVersion: 1, error: { code, message, hint } });
}
