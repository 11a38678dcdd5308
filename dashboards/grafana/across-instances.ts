// Merges the series of several instances of Plimsoll, which differ only in the label `instance`.

const selector = String.raw`(?:plimsoll|kafka|rocketmq|zookeeper|node|jvm)_\w+(?:\{[^}]*\})?`;
const series = String.raw`(?:(?:rate|increase|deriv|changes|\w+_over_time)\(${selector}\[[^\]]+\]\)|${selector}(?![\w{[])(?: offset \w+)?)`;
/** Their lowest or highest value is taken, over instances as well. */
const isMerged = String.raw`(?<=\b(?:min|max) by \([^)]*\) \()${series}\)`;
const unmerged = new RegExp(String.raw`(?<!\w)(?!${isMerged})${series}`, 'g');

/**
 * Of several instances that read the same clusters the highest value counts, as in the alert rules. Otherwise sums would double, and joins
 * would find two series for one. A query that names `instance` is about each of them.
 */
export const acrossInstances = ({ expr, legend = '' }: { expr: string; legend?: string }): string =>
  /\binstance\b/.test(expr + legend) ? expr : expr.replaceAll(unmerged, 'max without (instance) ($&)');
