// Renders metrics in text format 0.0.4 and OpenMetrics 1.0, which differ only in their heads.

export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Source of samples: labels of all of them, such as cluster="lab". */
export interface Origin {
  names: readonly string[];
  values: readonly string[];
}

/** `type` in the notation of both formats: counter, gauge, histogram. */
export interface Head {
  type: string;
  help: string;
}

/*
 * prometheus.io/docs/instrumenting/exposition_formats
 *
 *   # HELP <name> <help, \ and newline escaped>\n
 *   # TYPE <name> counter|gauge|untyped\n
 *   <name>{<label>="<value; \, " and newline escaped>",…} <value>\n        braces only around labels
 *
 * prometheus.io/docs/specs/om/open_metrics_spec
 *
 *   # TYPE <family> counter|gauge|unknown\n          the family of a counter is its name without _total
 *   # UNIT <family> <unit>\n                         where the family ends in _<unit>
 *   # HELP <family> <help; \, newline and " escaped>\n
 *   <name>{…} <value>\n                              as above
 *   # EOF\n                                          once, at the very end
 */

export const openMetricsEnd = '# EOF\n';

export function renderHead(format: Format, name: string, { type, help }: Head): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  if (format === 'text') return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
  const isTotal = type === 'counter' && name.endsWith('_total');
  const family = isTotal ? name.slice(0, -'_total'.length) : name;
  // Compatible exporters have counters without _total, which OpenMetrics allows only for type unknown.
  const exposedType = (type === 'counter' && !isTotal) || type === 'untyped' ? 'unknown' : type;
  const [, unit] = /_(seconds|bytes|ratio|celsius|hertz|volts|amperes|joules)$/.exec(family) ?? [];
  const unitLine = unit === undefined ? '' : `# UNIT ${family} ${unit}\n`;
  return `# TYPE ${family} ${exposedType}\n${unitLine}# HELP ${family} ${escaped.replaceAll('"', '\\"')}\n`;
}

/**
 * Renders one family's samples. Consecutive samples usually differ only in their last label (the partitions of a topic), so
 * their common prefix is rendered once.
 *
 * @param labels names in the order of the values; for a label that the origin also has, the origin's value applies
 */
export function createSampleWriter(
  name: string,
  labels: readonly string[],
  origin: Origin,
): (values: readonly string[], value: number | bigint) => string {
  const own = ownLabels(labels, origin);
  const last = own.pop();
  if (last === undefined) {
    const shared = renderLabels(origin.names, origin.values);
    const start = shared === '' ? `${name} ` : `${name}{${shared}} `;
    return (_, value) => `${start}${renderValue(value)}\n`;
  }
  const prefixOf = createPrefixWriter(name, labels, origin);
  const seen: string[] = [];
  let prefix = '';

  return (values, value) => {
    let isSame = prefix !== '';
    for (const index of own) {
      if (seen[index] === values[index]) continue;
      seen[index] = values[index] ?? '';
      isSame = false;
    }
    if (!isSame) prefix = prefixOf(values);
    return `${prefix}${escapeLabel(values[last] ?? '')}"} ${renderValue(value)}\n`;
  };
}

/** @returns a function that renders a line up to the opening quote of its last label */
export function createPrefixWriter(
  name: string,
  labels: readonly string[],
  origin: Origin,
): (values: readonly string[]) => string {
  const shared = renderLabels(origin.names, origin.values);
  const own = ownLabels(labels, origin);
  const last = own.pop();
  const opening = `${name}{${shared}${shared === '' ? '' : ','}`;
  const before = own.map((index) => ({ index, start: `${labels[index] ?? ''}="` }));
  const lastStart = `${last === undefined ? '' : (labels[last] ?? '')}="`;

  return (values) => {
    let prefix = opening;
    for (const { index, start } of before) prefix += `${start}${escapeLabel(values[index] ?? '')}",`;
    return prefix + lastStart;
  };
}

/** Positions of the labels that the origin does not have. */
function ownLabels(labels: readonly string[], origin: Origin): number[] {
  return labels.map((_, index) => index).filter((index) => !origin.names.includes(labels[index] ?? ''));
}

function renderLabels(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',');
}

/** Tests first, because almost all of the many labels need no escape. */
export function escapeLabel(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

export function renderValue(value: number | bigint): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}
