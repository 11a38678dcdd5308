// Converts version 1 journals of reassignments and RocketMQ changes to the current format.

type Former = Record<string, unknown>;

/** Their field `holder` named a process and has no effect since the lease. @returns any other document as it is */
export function upgradedJournal(document: unknown): unknown {
  if (typeof document !== 'object' || document === null) return document;
  const { schemaVersion, holder: _, ...former } = document as Former;
  if (schemaVersion !== 1) return document;
  return 'target' in former ? upgradedReassignment(former) : upgradedRocketmq(former);
}

function upgradedRocketmq({ before, status, ...former }: Former): Former {
  return {
    ...former,
    schemaVersion: 2,
    status: status === 'aborted' ? 'rolled-back' : status,
    direction: 'forward',
    borrowed: [],
    checks: { before: { at: former['startedAt'], findings: before } },
    log: [],
  };
}

/** What was beside these fields is what its steps are built from now. */
function upgradedReassignment(former: Former): Former {
  const { cluster, clusterId, startedAt, status, direction, borrowed, checks, log, leaseId, ...facts } = former;
  return {
    schemaVersion: 2,
    cluster,
    ...(clusterId !== undefined && { clusterId }),
    change: 'reassign',
    subject: subjectOf(facts['target']),
    status: status === 'undone' ? 'rolled-back' : status,
    direction,
    startedAt,
    ...(leaseId !== undefined && { leaseId }),
    facts,
    // A move may have begun before its first word was written.
    steps: [{ id: 'move-replicas', begunAt: startedAt, evidence: [] }],
    borrowed,
    checks,
    log,
  };
}

function subjectOf(target: unknown): string {
  const topics = new Set(Array.isArray(target) ? target.map(({ topic }: Former) => String(topic)) : []);
  return topics.size === 1 ? `topic ${[...topics].join()}` : `${topics.size} topics`;
}
