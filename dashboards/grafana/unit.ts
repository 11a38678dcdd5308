// Maps unit names to those of the Grafana SDK.

import * as sdk from '@grafana/grafana-foundation-sdk/units';

export const units = {
  bytes: sdk.BytesIEC,
  bytesPerSecond: sdk.BytesPerSecondSI,
  count: sdk.Short,
  cores: 'suffix:cores',
  duration: sdk.DurationSeconds,
  /** Scaled by thousands, like Grafana's `mps` and `cps`, whose texts read as metres per second and speed of light. */
  messagesPerSecond: 'count:msg/s',
  perSecond: 'count:/s',
  /** 0 to 1, shown as a percentage. */
  ratio: sdk.PercentUnit,
  requestsPerSecond: sdk.RequestsPerSecond,
  seconds: sdk.Seconds,
} as const;
