// Encodes metrics as an OTLP ExportMetricsServiceRequest in protobuf.

/*
 * github.com/open-telemetry/opentelemetry-proto v1, metrics.proto, common.proto, resource.proto; field numbers:
 *
 *   ExportMetricsServiceRequest  1 ResourceMetrics…
 *   ResourceMetrics              1 Resource { 1 KeyValue… }     2 ScopeMetrics…
 *   ScopeMetrics                 1 Scope { 1 name }             2 Metric…
 *   Metric                       1 name  2 description          5 Gauge | 7 Sum | 9 Histogram
 *   Gauge                        1 NumberDataPoint…
 *   Sum                          1 NumberDataPoint…             2 temporality (2 = cumulative)  3 isMonotonic
 *   Histogram                    1 HistogramDataPoint…          2 temporality
 *   NumberDataPoint              3 time (fixed64, ns)           4 double                        7 KeyValue…
 *   HistogramDataPoint           3 time  4 count (fixed64)      5 sum (double)  6 bucket counts (packed fixed64)
 *                                7 bounds (packed double)       9 KeyValue…
 *   KeyValue                     1 key                          2 AnyValue { 1 string }
 */

export type Labels = Readonly<Record<string, string>>;

export interface HistogramPoint {
  labels: Labels;
  count: number;
  sum: number;
  /** Upper bounds, ascending, without infinity; `counts` are of each bucket alone, and one longer. */
  bounds: readonly number[];
  counts: readonly number[];
}

export type Metric = { name: string; help: string } & (
  | { type: 'gauge' | 'counter'; points: readonly { labels: Labels; value: number }[] }
  | { type: 'histogram'; points: readonly HistogramPoint[] }
);

const cumulative = Buffer.from([2]);
const yes = Buffer.from([1]);

/** @param timeMs when the values were read, since the epoch */
export function encodeRequest(metrics: readonly Metric[], attributes: Labels, timeMs: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(BigInt(timeMs) * 1_000_000n);
  return bytesField(1, [
    bytesField(1, attributesField(1, attributes)),
    bytesField(2, [
      bytesField(1, [textField(1, 'plimsoll')]),
      ...metrics.map((metric) => bytesField(2, metricFields(metric, time))),
    ]),
  ]);
}

function metricFields(metric: Metric, time: Buffer): Buffer[] {
  const head = [textField(1, metric.name), textField(2, metric.help)];
  if (metric.type === 'histogram') {
    const points = metric.points.map((point) => bytesField(1, histogramFields(point, time)));
    return [...head, bytesField(9, [...points, varintField(2, cumulative)])];
  }
  const points = metric.points.map(({ labels, value }) =>
    bytesField(1, [fixedField(3, time), fixedField(4, double(value)), ...attributesField(7, labels)]),
  );
  return metric.type === 'gauge'
    ? [...head, bytesField(5, points)]
    : [...head, bytesField(7, [...points, varintField(2, cumulative), varintField(3, yes)])];
}

function histogramFields({ labels, count, sum, bounds, counts }: HistogramPoint, time: Buffer): Buffer[] {
  return [
    fixedField(3, time),
    fixedField(4, fixed64(count)),
    fixedField(5, double(sum)),
    bytesField(6, counts.map(fixed64)),
    bytesField(7, bounds.map(double)),
    ...attributesField(9, labels),
  ];
}

const attributesField = (field: number, labels: Labels): Buffer[] =>
  Object.entries(labels).map(([key, value]) =>
    bytesField(field, [textField(1, key), bytesField(2, [textField(1, value)])]),
  );

const [varintWire, fixed64Wire, bytesWire] = [0, 1, 2] as const;

const textField = (field: number, text: string) => bytesField(field, [Buffer.from(text)]);
const fixedField = (field: number, bytes: Buffer) => Buffer.concat([varint((field << 3) | fixed64Wire), bytes]);
const varintField = (field: number, bytes: Buffer) => Buffer.concat([varint((field << 3) | varintWire), bytes]);

function bytesField(field: number, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint((field << 3) | bytesWire), varint(length), ...parts]);
}

/** Seven bits a byte, the lowest first. @param value below 2^31 */
function varint(value: number): Buffer {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function fixed64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(Math.round(value)));
  return bytes;
}
