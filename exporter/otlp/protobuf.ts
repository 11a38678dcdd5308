// Encodes metrics as an OTLP ExportMetricsServiceRequest in protobuf.

import protobuf from 'protobufjs';

/*
 * Subset of github.com/open-telemetry/opentelemetry-proto v1: metrics.proto, common.proto and resource.proto. Only
 * numbers and types are on the wire, so message and field names are ours. `oneof` and `optional` fields are sent even if 0:
 * a point without a value has another meaning.
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceMetrics resources = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scopes = 2; }
  message Resource { repeated Attribute attributes = 1; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Scope { string name = 1; }
  message Metric { string name = 1; string help = 2; Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
  message Gauge { repeated NumberPoint points = 1; }
  message Sum { repeated NumberPoint points = 1; int32 temporality = 2; bool isMonotonic = 3; }
  message Histogram { repeated HistogramPoint points = 1; int32 temporality = 2; }
  message NumberPoint { fixed64 time = 3; oneof number { double value = 4; } repeated Attribute attributes = 7; }
  message HistogramPoint {
    fixed64 time = 3;
    fixed64 count = 4;
    optional double sum = 5;
    repeated fixed64 counts = 6;
    repeated double bounds = 7;
    repeated Attribute attributes = 9;
  }
  message Attribute { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof kind { string text = 1; } }
`);

export type Labels = Readonly<Record<string, string>>;

export interface HistogramPoint {
  labels: Labels;
  count: number;
  sum: number;
  /** Upper bounds, ascending, without infinity; `counts` are not cumulative, and have one more element. */
  bounds: readonly number[];
  counts: readonly number[];
}

export type Metric = { name: string; help: string } & (
  | { type: 'gauge' | 'counter'; points: readonly { labels: Labels; value: number }[] }
  | { type: 'histogram'; points: readonly HistogramPoint[] }
);

const cumulative = 2;

/** @param timeMs when the values were read, since the epoch */
export function encodeRequest(metrics: readonly Metric[], attributes: Labels, timeMs: number): Buffer {
  const nanoseconds = BigInt(timeMs) * 1_000_000n;
  const time = { low: Number(nanoseconds & 0xffff_ffffn), high: Number(nanoseconds >> 32n) };
  const scope = {
    scope: { name: 'plimsoll' },
    metrics: metrics.map((metric) => ({ name: metric.name, help: metric.help, ...dataOf(metric, time) })),
  };
  const resources = [{ resource: { attributes: attributesOf(attributes) }, scopes: [scope] }];
  // In Node.js it writes a Buffer.
  return root.lookupType('Request').encode({ resources }).finish() as Buffer;
}

function dataOf(metric: Metric, time: object) {
  if (metric.type === 'histogram') {
    const points = metric.points.map(({ labels, ...point }) => ({ ...point, time, attributes: attributesOf(labels) }));
    return { histogram: { points, temporality: cumulative } };
  }
  const points = metric.points.map(({ labels, value }) => ({ time, value, attributes: attributesOf(labels) }));
  return metric.type === 'gauge'
    ? { gauge: { points } }
    : { sum: { points, temporality: cumulative, isMonotonic: true } };
}

const attributesOf = (labels: Labels) => Object.entries(labels).map(([key, text]) => ({ key, value: { text } }));
