// Defines a forecast method, from past values and future slots of the week to a value per slot.

export interface Past {
  /** NaN if unknown. */
  values: Float64Array;
  /** Slot of the week of each value. */
  slots: Int32Array;
  /** Steps in a week. */
  period: number;
  stepsPerDay: number;
  /** Whether all known values are above 0, so that multiplication and logarithms are valid. */
  isPositive: boolean;
}

/** @returns a value for each of `future`, at least 0; NaN if unknown */
export type Candidate = (past: Past, future: Int32Array) => Float64Array;
