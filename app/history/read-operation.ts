// Reads plans of reassignments, new partitions and RocketMQ changes for the history.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Finding } from '../../core/documents/analysis.ts';
import { ChangeStatus } from '../../core/documents/change-record.ts';
import {
  mostRecordedMoves,
  mostRecordedWaves,
  type OperationMove,
  OperationHold,
  operationNames,
  type OperationState,
  OperationStep,
  type RecordedOperation,
} from '../../core/documents/recorded-operation.ts';
import { StoredReassignment } from '../../core/documents/reassignment.ts';

/** The part of `plimsoll ops kafka partitions --json` that is stored. */
const PartitionsDocument = z.looseObject({
  topic: z.string().min(1).max(249),
  from: z.int().positive(),
  to: z.int().positive(),
  keysMoved: z.number(),
  assignments: z.array(z.array(z.int())),
  findings: z.array(Finding),
  notice: z.string().optional(),
  executed: z.looseObject({ partitions: z.int() }).optional(),
});

/** What `plimsoll ops rocketmq … --json` prints. */
const ChangeDocument = z.looseObject({
  cluster: z.string().min(1).max(249),
  change: z.enum(operationNames),
  subject: z.string().min(1).max(249),
  // Schema version 1 has another word.
  status: z.preprocess((word) => (word === 'aborted' ? 'rolled-back' : word), ChangeStatus),
  findings: z.array(Finding),
  steps: z.array(OperationStep),
  holds: z.array(OperationHold),
  notice: z.string().optional(),
  notices: z.strictObject({ en: z.string(), zh: z.string() }).optional(),
});

interface Kind {
  what: string;
  /** Combination of keys that no other document has. */
  keys: readonly string[];
  /** @throws ZodError */
  read(document: unknown): { cluster?: string; document: RecordedOperation };
}

export const operationDocuments: readonly Kind[] = [
  { what: 'a reassignment', keys: ['waves', 'rollback'], read: readReassignment },
  { what: 'a plan for more partitions', keys: ['keysMoved', 'assignments'], read: readPartitions },
  { what: 'a change of RocketMQ', keys: ['change', 'steps', 'subject'], read: readChange },
];

function stateOf(status: ChangeStatus): OperationState {
  if (status === 'held' || status === 'paused') return 'under-way';
  return status === 'rolled-back' ? 'aborted' : status;
}

function readReassignment(given: unknown): { document: RecordedOperation } {
  const { moves, lowerBound, gap, waves, etaSeconds, course, plan, rollback, findings, notices, executed } =
    StoredReassignment.parse(given);
  const before = new Map(rollback.partitions.map((each) => [placeOf(each), each.replicas]));
  const changed = plan.partitions.map(({ topic, partition, replicas }): OperationMove => ({
    topic,
    partition,
    from: before.get(placeOf({ topic, partition })) ?? [],
    to: replicas,
  }));
  return {
    document: {
      operation: 'reassignment',
      state: stateOf(executed?.status ?? 'planned'),
      ...(executed && { startedAt: executed.startedAt, log: executed.log.slice(-500) }),
      fingerprint: fingerprintOf(changed),
      moves,
      lowerBound,
      gap,
      waves: waves
        .slice(0, mostRecordedWaves)
        .map(({ partitions, ...rest }) => ({ partitions: partitions.length, ...rest })),
      ...(etaSeconds && { etaSeconds }),
      ...(course && { course }),
      partitions: { shown: changed.slice(0, mostRecordedMoves), all: changed.length },
      findings: [...findings],
      notices,
    },
  };
}

function readPartitions(given: unknown): { document: RecordedOperation } {
  const { topic, from, assignments, findings, notice, executed } = PartitionsDocument.parse(given);
  const made = assignments.map((to, index): OperationMove => ({ topic, partition: from + index, from: [], to }));
  return {
    document: {
      operation: 'partitions',
      subject: topic,
      state: executed === undefined ? 'planned' : 'done',
      fingerprint: fingerprintOf(made),
      partitions: { shown: made.slice(0, mostRecordedMoves), all: made.length },
      findings,
      ...(notice !== undefined && { notices: noticeIn(notice) }),
    },
  };
}

function readChange(given: unknown): { cluster: string; document: RecordedOperation } {
  const { cluster, change, subject, status, findings, steps, holds, notice, notices } = ChangeDocument.parse(given);
  return {
    cluster,
    document: {
      operation: change,
      subject,
      state: stateOf(status),
      steps,
      ...(holds.length > 0 && { holds }),
      findings,
      ...((notices ?? notice !== undefined) && { notices: notices ?? noticeIn(notice ?? '') }),
    },
  };
}

const placeOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}\0${partition}`;

/** An executed plan is printed again with its outcome. */
function fingerprintOf(moves: readonly OperationMove[]): string {
  const lines = moves.map((move) => `${placeOf(move)}\0${move.from.join()}\0${move.to.join()}`).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** A document has one notice in the requested language, but does not name the language. */
const noticeIn = (notice: string) =>
  /\p{Script=Han}/u.test(notice.split('\n')[0] ?? '') ? { zh: notice } : { en: notice };
