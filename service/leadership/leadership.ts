// Defines which of several services runs the scheduled jobs.

export interface Leadership {
  /**
   * The turn of this instance as leader, a number that rises with each take-over; undefined while another instance leads, or none.
   * Never before the last one has given up.
   */
  term(): number | undefined;
  /** Id of the last entry of the history that was written before this turn; 0 for a service that is alone. */
  inheritedUpTo(): number;
}

/** A service that is alone. */
export const alwaysLeads: Leadership = { term: () => 0, inheritedUpTo: () => 0 };

/** A standby by configuration. */
export const neverLeads: Leadership = { term: () => undefined, inheritedUpTo: () => 0 };
