// Lists the possible replication setups of a domain's cluster, and why others are excluded.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { PlanMode, Rejection } from '../../../core/documents/cluster-plan.ts';
import { rejectionText, type RejectionCause } from '../../../core/documents/reasons/rejection-reasons.ts';
import { modes, plannedKinds } from '../../../core/wire/cluster-load.ts';
import { isModeOf } from '../../../core/wire/message-cost.ts';
import { hasControllers, hasFailover, majorityOf, writeQuorum, type Build, type ClusterRequest } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

/** For a rejection that applies to every host type. */
export const anyShape = 'any';

/** @returns the rejection with its message */
export const rejected = (rejection: Omit<Rejection, 'message' | 'cause'>, cause: RejectionCause): Rejection => ({
  ...rejection,
  message: rejectionText(cause, 'en'),
  cause,
});

export interface BuildChoice {
  builds: Build[];
  rejections: Rejection[];
}

/** Default copies of a message: DLedger needs three for a majority, a master usually has one slave. */
const usualReplicas: Record<PlanMode, number> = {
  single: 1,
  'master-slave': 2,
  dledger: 3,
  controller: 3,
  kraft: 3,
};

export function buildsOf(request: ClusterRequest, policy: Pick<SizingPolicy, 'controllers'>): BuildChoice {
  const { domains } = request;
  const brokers = plannedKinds.filter((broker) => domains.every(({ placement }) => placement.brokers.includes(broker)));
  const choice: BuildChoice = { builds: [], rejections: [] };
  for (const broker of brokers) {
    const allowed = modes[broker].filter((mode) =>
      domains.every(({ placement }) => placement.modes === undefined || placement.modes.includes(mode)),
    );
    const isRequested = domains.some(({ placement }) => placement.modes?.some((mode) => isModeOf(broker, mode)));
    // A single master must be requested explicitly: its messages are unreadable while it is down.
    for (const mode of allowed.filter((each) => isRequested || each !== 'single')) {
      const replicas = Math.max(
        ...domains.map(({ placement }) => placement.replicas ?? usualReplicas[mode]),
        mode === 'single' ? 1 : 0,
      );
      const build: Build = { broker, mode, replicas: mode === 'single' ? 1 : replicas };
      const why = against(build, request, policy.controllers.value);
      if (why === undefined) choice.builds.push(build);
      else {
        const { cause, ...rest } = why;
        const rule = { shape: anyShape, broker, mode, reason: 'rule', resource: 'zones', ...rest } as const;
        choice.rejections.push(rejected(rule, cause));
      }
    }
  }
  return choice;
}

type Why = Pick<Rejection, 'needed' | 'available'> & { cause: RejectionCause };

const tooFewLeft = (cause: Extract<RejectionCause, { left: number }>): Why => ({
  needed: cause.needed,
  available: cause.left,
  cause,
});

/** @returns why a setup does not meet the requirements, with any host type and number of brokers */
export function against(
  build: Build,
  { domains, survive, zones }: ClusterRequest,
  controllers: number,
): Why | undefined {
  const { replicas, mode, broker } = build;
  const neverLost = domains.find(({ demand }) => demand.loss === 'never');
  if (mode === 'dledger' && replicas < 3) {
    return { needed: 3, available: replicas, cause: { kind: 'no-majority' } };
  }
  if (neverLost !== undefined && replicas < 2) {
    return { needed: 2, available: replicas, cause: { kind: 'single-copy', domain: neverLost.name } };
  }
  if (neverLost !== undefined && mode === 'master-slave') {
    return { cause: { kind: 'fixed-master', domain: neverLost.name } };
  }
  const isSpread = traitsOf(broker).copies === 'any-broker';
  // A fixed master has no replacement, so its loss reduces capacity.
  const takesOver = isSpread || hasFailover(build);
  const quorum = writeQuorum(
    build,
    domains.map(({ demand }) => demand),
  );
  const afterBrokers = Math.max(0, replicas - survive.brokers);
  if (takesOver && afterBrokers < quorum) {
    const { brokers: lostBrokers } = survive;
    return tooFewLeft({ kind: 'too-few-copies', copies: replicas, lostBrokers, left: afterBrokers, needed: quorum });
  }
  const staying = replicas - Math.ceil(replicas / zones);
  if (survive.zones > 0 && zones > 1 && takesOver) {
    if (staying < quorum) {
      return tooFewLeft({ kind: 'too-few-copies', copies: replicas, zones, left: staying, needed: quorum });
    }
    // Controllers alternate over the zones like brokers, and elect no leader without a majority.
    const left = controllers - Math.ceil(controllers / zones);
    const needed = majorityOf(controllers);
    if (hasControllers(build) && left < needed) {
      return tooFewLeft({ kind: 'no-controller-majority', controllers, zones, left, needed });
    }
  }
  return undefined;
}
