// Merges the series of several instances of Plimsoll, which differ only in the label `instance`.

const selector = String.raw`(?:plimsoll|kafka|rocketmq|zookeeper|node|jvm)_\w+(?:\{[^}]*\})?`;
const series = String.raw`(?:(?:rate|increase|deriv|changes|\w+_over_time)\(${selector}\[[^\]]+\]\)|${selector}(?![\w{[])(?: offset \w+)?)`;
/** Queries that already take the minimum or maximum over instances. */
const isMerged = String.raw`(?<=\b(?:min|max) by \([^)]*\) \()${series}\)`;
const unmerged = new RegExp(String.raw`(?<!\w)(?!${isMerged})${series}`, 'g');

/**
 * Takes the highest value of several instances that read the same clusters, as in the alert rules. Otherwise sums would double, and joins
 * would find two series for one. A query that uses `instance` stays separate by instance.
 */
export const acrossInstances = ({ expr, legend = '' }: { expr: string; legend?: string }): string =>
  /\binstance\b/.test(expr + legend) ? expr : expr.replaceAll(unmerged, 'max without (instance) ($&)');
