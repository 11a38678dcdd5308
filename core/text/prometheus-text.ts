// Parses the Prometheus text format line by line.

export interface Sample {
  metric: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/*
 * # comment
 * metric value [timestamp]
 * metric{name="value",…} value [timestamp]      in values: \\ \" \n
 */

const head = /^([a-zA-Z_:][\w:]*)(\{)?/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"\s*(?:,\s*|(?=\}))/y;

/** Skips malformed lines and samples without a finite value. */
export function* readSamples(page: string): Iterable<Sample> {
  for (let from = 0; from < page.length;) {
    const end = page.indexOf('\n', from);
    const line = page.slice(from, end < 0 ? page.length : end);
    from = end < 0 ? page.length : end + 1;
    const sample = line.startsWith('#') ? undefined : readSample(line);
    if (sample !== undefined) yield sample;
  }
}

function readSample(line: string): Sample | undefined {
  const [whole, metric, brace] = head.exec(line) ?? [];
  if (whole === undefined || metric === undefined) return undefined;
  const labels: [string, string][] = [];
  let at = whole.length;
  if (brace !== undefined) {
    for (label.lastIndex = at; ; at = label.lastIndex) {
      const [, name, value] = label.exec(line) ?? [];
      if (name === undefined || value === undefined) break;
      labels.push([name, value.includes('\\') ? value.replace(/\\(.)/g, unescape) : value]);
    }
    if (line[at] !== '}') return undefined;
    at += 1;
  }
  const [text = ''] = line.slice(at).trim().split(/\s+/);
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? { metric, labels: Object.fromEntries(labels), value } : undefined;
}

const unescape = (_: string, letter: string) => (letter === 'n' ? '\n' : letter);
