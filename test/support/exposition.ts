// Parses Prometheus' text format strictly, independent of our writer.

export interface Exposition {
  types: Map<string, string>;
  help: Map<string, string>;
  /** Samples by name and sorted labels, `name{a="x",b="y"}` with unescaped values; sample values are text, to stay exact. */
  samples: Map<string, string>;
}

const nameAt = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;

/** @throws Error on format violations, such as a duplicate family, a sample outside its family, a duplicate series */
export function parseExposition(page: string): Exposition {
  if (page !== '' && !page.endsWith('\n')) throw new Error('the last line does not end');
  const result: Exposition = { types: new Map(), help: new Map(), samples: new Map() };
  let family: string | undefined;
  for (const line of page.split('\n').slice(0, -1)) {
    if (line === '') continue;
    const [, keyword, name, rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/s.exec(line) ?? [];
    if (name !== undefined) {
      const table = keyword === 'HELP' ? result.help : result.types;
      if (table.has(name)) throw new Error(`${keyword} of ${name} twice`);
      table.set(name, keyword === 'HELP' ? unescape(rest) : rest);
      family = name;
      continue;
    }
    if (line.startsWith('#')) throw new Error(`no comment of ours: ${line}`);
    const { key, value, name: sampled } = parseSample(line);
    if (family !== undefined && sampled.replace(/_(bucket|sum|count)$/, '') !== family && sampled !== family) {
      throw new Error(`${sampled} stands below ${family}`);
    }
    if (result.samples.has(key)) throw new Error(`series twice: ${key}`);
    result.samples.set(key, value);
  }
  return result;
}

export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? name : `${name}{${sorted.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}

function parseSample(line: string): { name: string; key: string; value: string } {
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(line) ?? [];
    if (found === undefined) throw new Error(`expected ${pattern.source} at ${at} of ${line}`);
    at += found.length;
    return found;
  };
  const name = take(nameAt);
  const labels: Record<string, string> = {};
  if (line[at] === '{') {
    at++;
    while (line[at] !== '}') {
      const label = take(/[a-zA-Z_][a-zA-Z0-9_]*/y);
      const quoted = take(/="(?:[^"\\]|\\.)*"/sy);
      if (label in labels) throw new Error(`label ${label} twice in ${line}`);
      labels[label] = unescape(quoted.slice(2, -1));
      if (line[at] === ',') at++;
    }
    at++;
  }
  const value = take(/ \S+$/y).slice(1);
  if (!/^[+-]?(Inf|NaN|\d+(\.\d+)?(e[+-]?\d+)?)$/.test(value)) throw new Error(`no value: ${line}`);
  return { name, key: seriesKey(name, labels), value };
}

function unescape(text: string): string {
  return text.replace(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character));
}
