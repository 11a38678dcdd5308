// Resolves the domains of a file, fills in defaults by rules, and reports broken rules.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { BusinessDomain, Estimate } from '../../../core/documents/cluster-plan.ts';
import type { PlanAssumption } from '../../../core/documents/reasons/plan-assumptions.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { type DomainSection, type DomainsFile, type StatedEstimate, statedSpread } from './domains-file.ts';
import { rulesOf, type DomainRule, type DomainRules } from './rules.ts';
import { defined } from '../../../core/defined.ts';
import { plannedKinds } from '../../../core/wire/cluster-load.ts';

interface AssumedFigure {
  cause: PlanAssumption;
  widenedTo?: Estimate;
}

const one: Estimate = { low: 1, mid: 1, high: 1 };

/** @param mostClusters default maximum of clusters per domain. @returns `assumptions`: by domain, the defaults used */
export function domainsOf(file: DomainsFile, rules: DomainRules, mostClusters: number) {
  const assumptions = new Map<string, AssumedFigure[]>();
  const findings: Finding[] = [];
  const domains = Object.entries(file.domains).map(([name, section]) => {
    const { demand, placement } = section;
    const own = rulesOf(rules, section.traits);
    const assumed = widenedFigures(name, section);
    if (demand.averageTps === undefined) {
      assumed.push({ cause: { kind: 'average-is-peak', domain: name } });
    }
    assumptions.set(name, assumed);
    const byRule = plannedKinds.filter((broker) =>
      own.every(({ brokers }) => brokers === undefined || brokers.includes(broker)),
    );
    const brokers = placement.brokers ?? byRule;
    const leastByRule = Math.max(1, ...own.map(({ leastClusters }) => leastClusters ?? 1));
    const least = placement.clusters?.least ?? Math.min(leastByRule, mostAllowed(file, name, mostClusters));
    findings.push(
      ...broken(name, own, { brokers, least }),
      ...crossed(name, placement.clusters?.least, placement.clusters?.most),
    );
    const isCritical = section.criticality === 'critical';
    const { survives } = placement;
    const isZoned =
      survives === undefined ? placement.zones > 1 && section.criticality !== 'best-effort' : survives === 'zone';
    const zones = placement.survive?.zones ?? Number(isZoned);
    const domain: BusinessDomain = {
      name,
      owners: section.owners,
      traits: section.traits,
      criticality: section.criticality,
      demand: resolvedDemand(demand),
      placement: {
        brokers,
        zones: placement.zones,
        clusters: {
          least,
          most: mostOf(demand.order, Math.max(least, placement.clusters?.most ?? mostClusters)),
        },
        survive: {
          brokers: placement.survive?.brokers ?? Number(survives !== 'none'),
          zones,
          group: placement.survive?.group ?? (isCritical && survives !== 'none'),
        },
        ...defined({ modes: placement.modes, replicas: placement.replicas, cluster: placement.cluster }),
      },
    };
    return domain;
  });
  findings.push(...shared(domains, rules));
  // A shared cluster may violate a rule in two ways.
  const unique = new Map(findings.map((finding) => [finding.message, finding]));
  return { domains, assumptions, findings: [...unique.values()] };
}

function resolvedDemand(demand: DomainSection['demand']): BusinessDomain['demand'] {
  const { averageTps = demand.peakTps, growth = one, promotion, retention, latencyP99, ...stated } = demand;
  return defined({
    ...stated,
    peakTps: plain(demand.peakTps),
    averageTps: plain(averageTps),
    messageBytes: plain(demand.messageBytes),
    growth: plain(growth),
    promotion: { multiplier: plain(promotion?.multiplier ?? one), days: promotion?.days ?? 1 },
    retentionSeconds: retention,
    latencyP99Seconds: latencyP99,
  });
}

/** The lowest maximum in the policy or in a domain of the same cluster; it overrides a rule. */
function mostAllowed({ domains }: DomainsFile, name: string, byDefault: number): number {
  const clusterOf = (own: string) => domains[own]?.placement.cluster ?? own;
  const stated = Object.entries(domains).flatMap(([other, { demand, placement }]) =>
    clusterOf(other) === clusterOf(name) ? mostOf(demand.order, placement.clusters?.most ?? byDefault) : [],
  );
  return Math.min(...stated);
}

/** Global order requires a single queue, so a single cluster. */
const mostOf = (order: BusinessDomain['demand']['order'], most: number): number => (order === 'global' ? 1 : most);

const plain = ({ low, mid, high }: Estimate): Estimate => ({ low, mid, high });

function widenedFigures(domain: string, { demand }: DomainSection) {
  const figures: [string, StatedEstimate | undefined][] = [
    ['peakTps', demand.peakTps],
    ['averageTps', demand.averageTps],
    ['messageBytes', demand.messageBytes],
    ['growth', demand.growth],
    ['promotion.multiplier', demand.promotion?.multiplier],
  ];
  return figures.flatMap(([name, figure]): AssumedFigure[] =>
    figure?.widened === true
      ? [
          {
            cause: { kind: 'figure-without-interval', domain, figure: name, spread: statedSpread },
            widenedTo: plain(figure),
          },
        ]
      : [],
  );
}

function broken(
  name: string,
  own: readonly DomainRule[],
  { brokers, least }: { brokers: readonly string[]; least: number },
): Finding[] {
  return own.flatMap((rule) => {
    const breaksBroker =
      rule.brokers !== undefined && !brokers.every((each) => (rule.brokers as string[]).includes(each));
    const breaksCount = rule.leastClusters !== undefined && least < rule.leastClusters;
    return breaksBroker || breaksCount ? [ruleFinding(name, rule)] : [];
  });
}

const ruleFinding = (domain: string, rule: DomainRule): Finding => findingOf('rule-broken', { domain, rule });

function crossed(domain: string, least: number | undefined, most: number | undefined): Finding[] {
  if (least === undefined || most === undefined || least <= most) return [];
  return [findingOf('clusters-crossed', { domain, least, most })];
}

/** Domains that share a cluster although a rule requires a separate one. */
function shared(domains: readonly BusinessDomain[], rules: DomainRules): Finding[] {
  const named = Map.groupBy(domains, ({ placement }) => placement.cluster ?? '');
  named.delete('');
  return [...named.values()].flatMap((members) =>
    members.length < 2
      ? []
      : members.flatMap(({ name, traits }) =>
          rulesOf(rules, traits)
            .filter(({ alone }) => alone === true)
            .map((rule) => ruleFinding(name, rule)),
        ),
  );
}
