// Analyzes written figures: one reading does not allow a fit, so its verdict is `observed`.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Analysis, SafeMaxTps, SaturationTps } from '../../core/documents/analysis.ts';
import { assembleVerdict, unknownVerdict } from './assemble-verdict.ts';
import type { ReadingsRun } from '../evidence/load-test-run.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { figuresOf, type Figures, saturationRate, statedTraffic } from '../evidence/written/figures.ts';
import { otherFindings, physicallyInfeasible, readingAboveCard } from '../evidence/written/findings.ts';
import { basisAt, networkUses, reaches, type NetworkUse, observedResources } from '../evidence/written/resources.ts';

type Observed = Extract<SafeMaxTps, { kind: 'observed' }>;

/** Pure. Rates apply to the cluster; the arithmetic of the card applies to one master, assuming that masters share evenly. */
export function analyzeWritten(run: ReadingsRun, policy: Policy): Analysis {
  const figures = figuresOf(run);
  const { id, origin, broker, cluster, workload } = run;
  const head = { id, origin, broker, cluster, messageBytes: workload.messageBytes };
  if (figures === undefined) {
    const what = 'a reading produced-tps, and a broker with the role master';
    return unknownVerdict(head, [{ what, node: run.cluster }], []);
  }
  const contradictions = [physicallyInfeasible(figures), readingAboveCard(figures, policy)].filter(
    (finding) => finding !== undefined,
  );
  const isInfeasible = contradictions.length > 0;
  const safeMaxTps = isInfeasible ? contradicted(figures) : safeMax(figures, policy);
  return assembleVerdict({
    run: head,
    steps: [
      {
        achievedTps: figures.tps.value,
        // A rate whose copies cannot pass the card was temporary, not a steady state.
        verdict: isInfeasible ? { kind: 'invalid', reason: 'unstable' } : { kind: 'sustained' },
      },
    ],
    resources: observedResources(figures, policy),
    perBroker: [perBroker(figures, safeMaxTps)],
    safeMaxTps,
    saturationTps: isInfeasible ? contradicted(figures) : saturation(figures),
    findings: [...contradictions, ...otherFindings(figures, policy)],
  });
}

/** The network use that saturates first, if it reaches the limit for some reading of the capacity. */
function binding(figures: Figures, limitOf: (use: NetworkUse) => number): NetworkUse | undefined {
  const fullest = ({ capacities }: NetworkUse) => Math.max(...capacities.map(({ share }) => share.high));
  return networkUses(figures)
    .filter((use) => reaches(use, limitOf(use)))
    .toSorted((a, b) => fullest(b) - fullest(a))[0];
}

function safeMax(figures: Figures, policy: Policy): SafeMaxTps {
  const limitOf = ({ direction }: NetworkUse) => policy.limits[`network-${direction}`].value;
  const { link, master, tps, topology } = figures;
  const [use] = networkUses(figures);
  if (link === undefined) return { kind: 'unknown', missing: [{ what: 'speed of the network card', node: master }] };
  if (use === undefined)
    return { kind: 'unknown', missing: [{ what: 'bytes per second of the network card', node: master }] };
  // No limit is near, so the observed rate is safe, unless the arithmetic of the protocol allows less.
  const full = saturationRate(statedTraffic(figures), link.bitsPerSecond);
  // The fill of Kafka's batches is unknown, so only the bound for full batches may reduce an achieved rate.
  const perMaster = traitsOf(figures.run.broker).hasRecordBatches ? full.high : full.low;
  const byArithmetic = perMaster * limitOf(use) * topology.masters;
  return observed(figures, limitOf) ?? atLeast(Math.min(tps.value, byArithmetic));
}

function saturation(figures: Figures): SaturationTps {
  return observed(figures, () => 1) ?? atLeast(figures.tps.value);
}

function observed(figures: Figures, limitOf: (use: NetworkUse) => number): Observed | undefined {
  const use = binding(figures, limitOf);
  if (use === undefined) return undefined;
  return {
    kind: 'observed',
    tps: figures.tps.value,
    basis: basisAt(use, figures, limitOf(use)),
    limitedBy: { resource: `network-${use.direction}`, node: figures.master },
  };
}

const atLeast = (tps: number) => ({ kind: 'at-least', tps: Math.round(tps), reason: 'no-limit-reached' }) as const;

function contradicted({ master }: Figures): Extract<SafeMaxTps, { kind: 'unknown' }> {
  const what = 'a consistent set of rate, message size, followers and card speed (finding physically-infeasible)';
  return { kind: 'unknown', missing: [{ what, node: master }] };
}

function perBroker({ master, host }: Figures, safeMaxTps: SafeMaxTps): Analysis['perBroker'][number] {
  return {
    broker: master,
    ...(host && { host: host.host }),
    ...(safeMaxTps.kind === 'observed' && { limitedBy: safeMaxTps.limitedBy }),
  };
}
