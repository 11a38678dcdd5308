// Lists the replication setups a domain's cluster may have, and says why others are excluded.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BusinessDomain, PlanMode, Rejection } from '../../../core/documents/cluster-plan.ts';
import { modes } from '../../../core/wire/cluster-load.ts';
import { isModeOf } from '../../../core/wire/message-cost.ts';
import { hasFailover, type Build, type ClusterRequest } from './request.ts';

/** Of a rejection that no machine would change. */
export const anyShape = 'any';

export interface BuildChoice {
  builds: Build[];
  rejections: Rejection[];
}

/** Copies of a message by default: DLedger needs three for a majority, a master usually has one slave. */
const usualReplicas: Record<PlanMode, number> = {
  single: 1,
  'master-slave': 2,
  dledger: 3,
  controller: 3,
  kraft: 3,
};

export function buildsOf(request: ClusterRequest): BuildChoice {
  const { domains } = request;
  const brokers = (['rocketmq', 'kafka'] as const).filter((broker) =>
    domains.every(({ placement }) => placement.brokers.includes(broker)),
  );
  const choice: BuildChoice = { builds: [], rejections: [] };
  for (const broker of brokers) {
    const allowed = modes[broker].filter((mode) =>
      domains.every(({ placement }) => placement.modes === undefined || placement.modes.includes(mode)),
    );
    const isAsked = domains.some(({ placement }) => placement.modes?.some((mode) => isModeOf(broker, mode)));
    // A single master must be requested: its messages are unreadable while it is down.
    for (const mode of allowed.filter((each) => isAsked || each !== 'single')) {
      const replicas = Math.max(
        ...domains.map(({ placement }) => placement.replicas ?? usualReplicas[mode]),
        mode === 'single' ? 1 : 0,
      );
      const build: Build = { broker, mode, replicas: mode === 'single' ? 1 : replicas };
      const why = against(build, request);
      if (why === undefined) choice.builds.push(build);
      else choice.rejections.push({ shape: anyShape, broker, mode, reason: 'rule', ...why });
    }
  }
  return choice;
}

type Why = Pick<Rejection, 'resource' | 'message'> & Partial<Pick<Rejection, 'needed' | 'available'>>;

function against(build: Build, { domains, survive, zones }: ClusterRequest): Why | undefined {
  const { replicas, mode, broker } = build;
  const neverLost = domains.find(({ demand }) => demand.loss === 'never');
  if (mode === 'dledger' && replicas < 3) {
    return {
      resource: 'zones',
      needed: 3,
      available: replicas,
      message: 'DLedger with fewer than three members has no majority after a loss',
    };
  }
  if (neverLost !== undefined && replicas < 2) {
    return {
      resource: 'zones',
      needed: 2,
      available: replicas,
      message: `${neverLost.name} must never lose a message, and there is one copy`,
    };
  }
  if (neverLost !== undefined && mode === 'master-slave') {
    return {
      resource: 'zones',
      message: `${neverLost.name} must never lose a message: after the loss of a fixed master, messages that its slave did not have are missing, and no slave takes over`,
    };
  }
  const isSpread = traitsOf(broker).copies === 'any-broker';
  const afterBrokers = replicas - survive.brokers;
  if (isSpread && afterBrokers < leastInSync(build, domains)) {
    return {
      resource: 'zones',
      needed: leastInSync(build, domains),
      available: Math.max(0, afterBrokers),
      message: `of ${replicas} copies ${Math.max(0, afterBrokers)} stay after the loss of ${survive.brokers} brokers that hold them, and ${leastInSync(build, domains)} are needed to write`,
    };
  }
  const staying = replicas - Math.ceil(replicas / zones);
  if (survive.zones > 0 && zones > 1 && (hasFailover(build) || isSpread)) {
    const quorum = isSpread ? leastInSync(build, domains) : mode === 'dledger' ? Math.floor(replicas / 2) + 1 : 1;
    if (staying < quorum) {
      return {
        resource: 'zones',
        needed: quorum,
        available: staying,
        message: `of ${replicas} copies in ${zones} zones ${staying} stay after the loss of a zone, and ${quorum} are needed to write`,
      };
    }
  }
  return undefined;
}

/** `min.insync.replicas` that fits the need: two, so that what was acknowledged outlives a broker, and one of two copies. */
export function leastInSync({ replicas }: Build, domains: readonly BusinessDomain[]): number {
  return domains.every(({ demand }) => demand.loss === 'may-lose') ? 1 : Math.min(2, Math.max(1, replicas - 1));
}
