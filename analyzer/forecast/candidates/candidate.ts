// Defines a forecast method: past values and the future slots of the week in, a value per slot out.

export interface Past {
  /** NaN where nothing is known. */
  values: Float64Array;
  /** Place in the week of each. */
  slots: Int32Array;
  /** Steps in a week. */
  period: number;
  stepsPerDay: number;
  /** All known values are above 0: the load may be multiplied and have a logarithm. */
  isPositive: boolean;
}

/** @returns a value for each of `future`; NaN where it is unknown. Never below 0. */
export type Candidate = (past: Past, future: Int32Array) => Float64Array;
