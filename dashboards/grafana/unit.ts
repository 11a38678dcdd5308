// In which units do panels speak? Names of ours for those of the SDK.

import * as sdk from '@grafana/grafana-foundation-sdk/units';

export const units = {
  bytes: sdk.BytesIEC,
  bytesPerSecond: sdk.BytesPerSecondSI,
  count: sdk.Short,
  cores: sdk.Short,
  duration: sdk.DurationSeconds,
  ioPerSecond: sdk.IOOpsPerSecond,
  messagesPerSecond: sdk.MessagesPerSecond,
  perSecond: sdk.CountsPerSecond,
  /** 0 to 1, shown as percent. */
  ratio: sdk.PercentUnit,
  requestsPerSecond: sdk.RequestsPerSecond,
  seconds: sdk.Seconds,
} as const;
