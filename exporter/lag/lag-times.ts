// How old is the oldest message a group has not consumed, and how is that known?

export interface LagTime {
  seconds: number;
  /** `interpolated` from the history of end offsets, `store-time` as the broker told it, `caught-up` when nothing is left. */
  method: 'interpolated' | 'store-time' | 'caught-up';
  /** How old the readings are it was made from. */
  ageSeconds: number;
}

/** Of one snapshot. Absent is unknown. */
export interface LagTimes {
  of(group: string, partition: { topic: string; partition: number; brokerName?: string }): LagTime | undefined;
}
